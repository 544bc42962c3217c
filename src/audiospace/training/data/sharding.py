"""Clip folders to shards: planned, made one after the other or on a Ray cluster, and taken up again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from audiospace.errors import UserError
from audiospace.generation import Outcome
from audiospace.generation.batch_engines import Engine, OpenWork, run_here
from audiospace.generation.batch_ray import run_on_ray
from audiospace.generation.batch_videos import BatchClip
from audiospace.generation.staging import make_folders
from audiospace.generation.temporary import remove_abandoned
from audiospace.model_store import OnProgress
from audiospace.models import SpatialAudioModel
from audiospace.training.data.clip_samples import Preparer
from audiospace.training.data.identity import autoencoder_fingerprint, feature_identity
from audiospace.training.data.shard_index import (
    INDEX_NAME,
    Making,
    ShardIndex,
    ShardRecord,
    read_index,
    write_index,
)
from audiospace.training.data.shard_settings import ShardSettings
from audiospace.training.data.shard_work import (
    ShardJob,
    open_preparer,
    open_shard_work,
    record_file,
    take_record,
)
from audiospace.training.data.sources import SourceClip, find_sources

SHARDS = "shards"
"""Name under which the progress of the whole is reported."""


@dataclass(frozen=True)
class Sharded:
    """How it went.

    Attributes:
        output: Folder of the shards.
        index: What it holds now.
        kept: Shards that were there already.
        outcomes: How it went with each of the others, in the order in which they ended.
    """

    output: Path
    index: ShardIndex
    kept: int
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The shards that could not be made."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == "failed")


def shard_clips(
    folders: Sequence[str | Path],
    output: str | Path,
    *,
    model: str | Path = "audiospace-mini",
    settings: ShardSettings | None = None,
    device: str = "auto",
    again: bool = False,
    ray: str | None = None,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Sharded:
    """Prepare clips for training: latents and features in WebDataset shards, and an index of them.

    Finished shards are kept, so that a run that was stopped or killed goes on when it is started again; so
    are those whose clips are the same as before. A clip that cannot be used is left out, and named in the
    index.

    Args:
        folders: Clip folders, or folders of sounds alone; they are searched to the bottom.
        output: Folder of the shards, made if it is not there.
        model: Name or path of the model whose autoencoder and frame encoder prepare the clips.
        settings: What else there is to choose; the defaults if None.
        device: Where the model computes.
        again: Whether shards that are there already are made again.
        ray: Address of a Ray cluster ("local", "auto", ...) to work on; in this process if None.
        workers: Number of Ray workers; as many as the cluster has room for if None.
        on_progress: Called with "shards", those done and their number; and in this process with the clips of
            the current shard.

    Returns:
        How it went.

    Raises:
        UserError: Something given for all of them cannot be used.
    """
    settings = settings or ShardSettings()
    _check_workers(ray, workers)
    clips = find_sources([Path(folder).absolute() for folder in folders], seed=settings.seed)
    source = Path(model).absolute() if Path(model).is_file() else model
    preparer = open_preparer(source, settings, device if ray is None else "cpu")
    engine: Engine = partial(run_here, on_progress=on_progress)
    opening: Callable[[], Preparer] = partial(_given, preparer)
    if ray is not None:
        engine = partial(run_on_ray, address=ray, workers=workers, gpus=device != "cpu")
        opening = partial(open_preparer, source, settings, device)
    making = making_of(preparer, clips)
    return _shard(
        clips,
        Path(output).absolute(),
        making,
        Means(engine, opening, settings.clips_per_shard, on_progress),
        again=again,
    )


def prepare_clips(
    folders: Sequence[str | Path],
    output: Path,
    model: SpatialAudioModel,
    settings: ShardSettings,
    on_progress: OnProgress | None = None,
) -> Sharded:
    """Prepare clips for a model that is in memory, as `shard_clips` does; what is there already is kept.

    Args:
        folders: Clip folders, or folders of sounds alone.
        output: Folder of the shards, made if it is not there.
        model: The model, its weight norm not folded; it stays as it is.
        settings: How clips become samples.
        on_progress: As for `shard_clips`.

    Returns:
        How it went.

    Raises:
        UserError: The clips cannot be prepared, or there is nothing in them that can be used.
    """
    clips = find_sources([Path(folder).absolute() for folder in folders], seed=settings.seed)
    preparer = Preparer(model, model.config.name, autoencoder_fingerprint(model.vae), settings)
    engine = partial(run_here, on_progress=on_progress)
    means = Means(engine, partial(_given, preparer), settings.clips_per_shard, on_progress)
    result = _shard(clips, output.absolute(), making_of(preparer, clips), means, again=False)
    if result.failed:
        raise UserError(result.failed[0].reason, file=output)
    return result


@dataclass(frozen=True)
class Means:
    """By what shards are made.

    Attributes:
        engine: Runs the work.
        opening: Gives what makes samples, once in every process that works.
        clips_per_shard: Clips of a shard.
        on_progress: Called with what is being done, how much of it is done and how much there is.
    """

    engine: Engine
    opening: Callable[[], Preparer]
    clips_per_shard: int
    on_progress: OnProgress | None


def _given(preparer: Preparer) -> Preparer:
    return preparer


def _shard(
    clips: Sequence[SourceClip], target: Path, making: Making, means: Means, *, again: bool
) -> Sharded:
    """Make the shards that are missing, and keep the index up to date."""
    make_folders(target)
    remove_abandoned(target)
    jobs = plan_shards(clips, means.clips_per_shard)
    if again:
        _remove_all(target)
    kept = _finished(target, making, jobs)
    names = {record.name for record in kept}
    waiting = {job.name: job for job in jobs if job.name not in names}
    index = ShardIndex(making, kept)
    write_index(target / INDEX_NAME, index)
    for name in names:
        record_file(target, name).unlink(missing_ok=True)
    outcomes: list[Outcome] = []
    for outcome in _made(
        means.engine, partial(open_shard_work, means.opening, target, waiting), target, waiting
    ):
        outcomes.append(outcome)
        index = _taken_in(target, index, outcome.name)
        if means.on_progress is not None:
            means.on_progress(SHARDS, len(kept) + len(outcomes), len(jobs))
    return Sharded(target, index, len(kept), tuple(outcomes))


def plan_shards(clips: Sequence[SourceClip], clips_per_shard: int) -> tuple[ShardJob, ...]:
    """Divide clips into shards.

    Args:
        clips: In order.
        clips_per_shard: How many go into one.

    Returns:
        The shards; all but the last have as many.
    """
    parts = [tuple(clips[at : at + clips_per_shard]) for at in range(0, len(clips), clips_per_shard)]
    return tuple(ShardJob(f"shard-{number:06d}.tar", part) for number, part in enumerate(parts))


def making_of(preparer: Preparer, clips: Sequence[SourceClip]) -> Making:
    """Say how shards are made.

    Args:
        preparer: Makes the samples.
        clips: What of.

    Returns:
        All that must be the same for shards to belong together.

    Raises:
        UserError: Some clips have a video and others have not: what is the same for all samples is then
            nothing that training could rely on.
    """
    settings, config = preparer.settings, preparer.model.config
    videos = sum(clip.video is not None for clip in clips) if settings.video else 0
    if 0 < videos < len(clips):
        without = next(clip.sound for clip in clips if clip.video is None)
        raise UserError(
            f"{len(clips) - videos} of {len(clips)} clips have no video, this one among them",
            file=without,
            remedy="Put them into a folder of their own, or prepare all for their sound alone: --no-video",
        )
    return Making(
        autoencoder=preparer.autoencoder,
        model=preparer.name,
        features=feature_identity(config) if videos else None,
        frames=config.window_frames,
        settings=settings.report() | {"cubemap": preparer.cubemap},
    )


def _check_workers(ray: str | None, workers: int | None) -> None:
    if workers is not None and ray is None:
        raise UserError("the number of workers is Ray's", remedy="Give --ray local too")
    if workers is not None and workers < 1:
        raise UserError(f"the number of workers must be at least 1, not {workers}")


def _made(
    engine: Engine, open_work: OpenWork, target: Path, jobs: Mapping[str, ShardJob]
) -> Iterator[Outcome]:
    """Make the shards that are missing; what a worker that was ended leaves behind is removed."""
    if not jobs:
        return
    try:
        with closing(engine([BatchClip(name, target / name) for name in jobs], open_work)) as coming:
            yield from coming
    finally:
        remove_abandoned(target)


def _finished(target: Path, making: Making, jobs: Sequence[ShardJob]) -> tuple[ShardRecord, ...]:
    """Records of the shards that need not be made again; others that an earlier run made are removed."""
    path = target / INDEX_NAME
    if not path.exists():
        return ()
    earlier = read_index(path)
    if earlier.making != making:
        raise UserError(
            "holds shards that were made with another model or other settings",
            file=target,
            remedy="Choose another output folder, or replace them all with --again",
        )
    records = {record.name: record for record in earlier.shards}
    waiting = {job.name: record for job in jobs if (record := take_record(target, job.name)) is not None}
    records |= waiting
    keys = {job.name: job.key for job in jobs}
    kept = [record for record in records.values() if _is_whole(target, record, keys)]
    for name in records.keys() - {record.name for record in kept}:
        (target / name).unlink(missing_ok=True)
        record_file(target, name).unlink(missing_ok=True)
    return tuple(kept)


def _remove_all(target: Path) -> None:
    """Remove what earlier runs made."""
    for pattern in ("shard-*.tar", "shard-*.tar.json", INDEX_NAME):
        for file in target.glob(pattern):
            file.unlink()


def _is_whole(target: Path, record: ShardRecord, keys: Mapping[str, str]) -> bool:
    """Whether a shard is there, as long as it was, and of the clips that it would be made of now."""
    try:
        size = (target / record.name).stat().st_size
    except OSError:
        return False
    return size == record.bytes and keys.get(record.name) == record.clips


def _taken_in(target: Path, index: ShardIndex, name: str) -> ShardIndex:
    """Add the record of a shard that was made to the index on disk."""
    record = take_record(target, name)
    if record is None:
        return index
    others = tuple(other for other in index.shards if other.name != name)
    index = ShardIndex(index.making, (*others, record))
    write_index(target / INDEX_NAME, index)
    record_file(target, name).unlink(missing_ok=True)
    return index
