"""Many videos, one model: a batch that goes on where it stopped."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from audiospace.errors import UserError
from audiospace.generation.batch_engines import Engine, run_here
from audiospace.generation.batch_ray import run_on_ray
from audiospace.generation.batch_videos import BatchClip, find_clips
from audiospace.generation.batch_work import Order, Outcome, State, open_work
from audiospace.generation.model_generator import open_model
from audiospace.generation.options import GenerateOptions
from audiospace.generation.request import check_request
from audiospace.generation.staging import make_folders
from audiospace.generation.temporary import remove_abandoned
from audiospace.model_store import OnProgress

OnOutcome = Callable[[Outcome], None]
"""Called with the outcome of each clip as it comes."""

CLIPS = "clips"
"""Name under which the progress of the whole batch is reported."""


@dataclass(frozen=True)
class BatchResult:
    """How a batch went.

    Attributes:
        output: Where the folders with the results are, one for each clip, named after it.
        outcomes: How it went with each clip, in the order in which they ended.
    """

    output: Path
    outcomes: tuple[Outcome, ...]

    def having(self, state: State) -> tuple[Outcome, ...]:
        """Give the clips that were done, skipped or failed.

        Args:
            state: "done", "skipped" or "failed".

        Returns:
            Their outcomes.
        """
        return tuple(outcome for outcome in self.outcomes if outcome.state == state)


def generate_batch(
    videos: str | Path | Iterable[str | Path],
    *,
    output: str | Path | None = None,
    model: str | Path = "audiospace-mini",
    options: GenerateOptions | None = None,
    recursive: bool = False,
    again: bool = False,
    ray: str | None = None,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
    on_outcome: OnOutcome | None = None,
) -> BatchResult:
    """Make the spatial sound of many 360 videos, as `generate` does for each, with the model loaded once.

    A clip whose folder holds a complete result of the same video, model and settings is skipped, so that a
    batch that was stopped, or even killed, goes on where it was when it is started again. A clip that cannot
    be made does not stop the others.

    Args:
        videos: Videos, folders and lists (.txt files with one path a line), or one of these.
        output: Where the folders with the results are made; the current folder if None.
        model: Name of a model that ships with the package, or path of a model file.
        options: How the sounds are made; the defaults of `generate` if None.
        recursive: Whether folders are searched to the bottom.
        again: Whether results that are there already are made again.
        ray: Address of a Ray cluster ("local", "auto", ...) to work on; in this process if None.
        workers: Number of Ray workers; as many as the cluster has room for if None.
        on_progress: Called with "clips", the clips that ended and their number; and in this process with the
            name of a stage of the current clip, the steps done and their number.
        on_outcome: Called with the outcome of each clip as it comes.

    Returns:
        How it went with each clip; a failure is an outcome too.

    Raises:
        UserError: Something given for all of them cannot be used: nothing was done then.
    """
    options = options or GenerateOptions()
    _check(options, ray, workers)
    home = (
        Path() if ray is None else Path.cwd()
    )  # the workers of a cluster have a current folder of their own
    given = [videos] if isinstance(videos, str | Path) else list(videos)
    clips = [BatchClip(clip.name, home / clip.video) for clip in find_clips(given, recursive=recursive)]
    order = Order(
        output=home if output is None else home / output,
        open_generator=partial(open_model, home / model if (home / model).is_file() else model, options),
        options=options,
        again=again,
    )
    engine = _engine(ray, workers, options, on_progress)
    with _output_folder(order.output):
        return BatchResult(order.output, _run(engine, clips, order, on_progress, on_outcome))


def _check(options: GenerateOptions, ray: str | None, workers: int | None) -> None:
    check_request(options)
    if workers is not None and ray is None:
        raise UserError("the number of workers is Ray's", remedy="Give --ray local too")
    if workers is not None and workers < 1:
        raise UserError(f"the number of workers must be at least 1, not {workers}")


def _engine(
    ray: str | None, workers: int | None, options: GenerateOptions, on_progress: OnProgress | None
) -> Engine:
    if ray is None:
        return partial(run_here, on_progress=on_progress)
    return partial(run_on_ray, address=ray, workers=workers, gpus=options.device != "cpu")


def _run(
    engine: Engine,
    clips: Sequence[BatchClip],
    order: Order,
    on_progress: OnProgress | None,
    on_outcome: OnOutcome | None,
) -> tuple[Outcome, ...]:
    outcomes: list[Outcome] = []
    report = on_progress or (lambda _stage, _done, _total: None)
    report(CLIPS, 0, len(clips))
    with closing(engine(clips, partial(open_work, order))) as coming:
        for outcome in coming:
            outcomes.append(outcome)
            if on_outcome is not None:
                on_outcome(outcome)
            report(CLIPS, len(outcomes), len(clips))
    return tuple(outcomes)


@contextmanager
def _output_folder(output: Path) -> Iterator[None]:
    """Make the folder for the results; if nothing was put there, it is gone at the end."""
    made = make_folders(output)
    if not output.is_dir():
        raise UserError("exists and is not a folder", file=output, remedy="Choose another output folder")
    if not os.access(output, os.W_OK | os.X_OK):
        raise UserError("cannot be written to", file=output, remedy="Choose another output folder")
    remove_abandoned(output)
    try:
        yield
    finally:
        remove_abandoned(output)
        with suppress(OSError):
            for folder in reversed(made):
                folder.rmdir()
