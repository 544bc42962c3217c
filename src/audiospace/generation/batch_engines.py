"""What an engine of a batch is, and the plain one: one clip after the other in this process."""

from collections.abc import Callable, Generator, Sequence

from audiospace.generation.batch_videos import BatchClip
from audiospace.generation.batch_work import Outcome, Work
from audiospace.model_store import OnProgress

OpenWork = Callable[[], Work]
"""Loads what the work needs and gives the work; called once in every process that works."""

Engine = Callable[[Sequence[BatchClip], OpenWork], Generator[Outcome, None, None]]
"""Makes clips and gives their outcomes as they come; when it is closed early, the work stops."""


def run_here(
    clips: Sequence[BatchClip], open_work: OpenWork, *, on_progress: OnProgress | None = None
) -> Generator[Outcome, None, None]:
    """Make one clip after the other in this process.

    Args:
        clips: The clips.
        open_work: Gives what makes one clip.
        on_progress: Called with the name of a stage of the clip, the steps done and their number.

    Yields:
        Their outcomes, in order.

    Raises:
        UserError: The work cannot begin.
    """
    work = open_work()
    for clip in clips:
        yield work(clip, on_progress)
