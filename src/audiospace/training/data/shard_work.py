"""One shard made whole or not at all, with what could not be used written down beside it."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch

from audiospace.errors import UserError
from audiospace.generation import Outcome
from audiospace.generation.batch_videos import BatchClip
from audiospace.generation.batch_work import FAILURES, State, Work
from audiospace.generation.request import choose_device
from audiospace.generation.temporary import temporary_folder
from audiospace.media.atomic import writing_error
from audiospace.model_store import OnProgress, load_model
from audiospace.models import fold_weight_norm
from audiospace.training.data.clip_samples import Preparer
from audiospace.training.data.identity import autoencoder_fingerprint
from audiospace.training.data.sample import to_members
from audiospace.training.data.shard_file import write_shard
from audiospace.training.data.shard_index import LeftOut, ShardRecord, record_from
from audiospace.training.data.shard_settings import ShardSettings
from audiospace.training.data.sources import SourceClip
from audiospace.vision import MetaCLIP, weights_folder

CLIPS = "clips of a shard"
"""Name under which progress within a shard is reported."""
TOO_MUCH: tuple[type[Exception], ...] = (MemoryError, torch.OutOfMemoryError)
"""Not the fault of a clip: the shard fails, and can be made another time."""


@dataclass(frozen=True)
class ShardJob:
    """A shard to be made.

    Attributes:
        name: Of its file.
        clips: What it is made of.
    """

    name: str
    clips: tuple[SourceClip, ...]

    @property
    def key(self) -> str:
        """Digest of the clips: their names and the sizes of their files."""
        digest = hashlib.sha256()
        for clip in self.clips:
            sizes = [_size(file) for file in (clip.video, clip.sound, clip.info)]
            digest.update(f"{clip.id}:{sizes};".encode())
        return digest.hexdigest()[:16]


def open_preparer(model: str | Path, settings: ShardSettings, device: str) -> Preparer:
    """Load the model that clips are prepared with.

    Args:
        model: Name or path.
        settings: What was chosen.
        device: Where the model computes.

    Returns:
        What makes samples of clips.

    Raises:
        UserError: There is no such model or device, or the model's frame encoder is not here.
    """
    chosen = choose_device(device)
    loaded = load_model(model, fold=False)
    fingerprint = autoencoder_fingerprint(loaded.model.vae)
    if settings.video and loaded.model.config.features.encoder == MetaCLIP.id:
        weights_folder()
    fold_weight_norm(loaded.model)
    return Preparer(loaded.model.to(chosen), loaded.name, fingerprint, settings)


def open_shard_work(open_: Callable[[], Preparer], output: Path, jobs: Mapping[str, ShardJob]) -> Work:
    """Load the model once, for all shards.

    Args:
        open_: Gives what makes samples.
        output: Folder of the shards.
        jobs: The shards by name.

    Returns:
        What makes one shard, given as the file to be made.
    """
    return partial(make_shard, open_(), output, jobs)


def make_shard(
    preparer: Preparer,
    output: Path,
    jobs: Mapping[str, ShardJob],
    file: BatchClip,
    on_progress: OnProgress | None,
) -> Outcome:
    """Make one shard.

    Args:
        preparer: Makes samples of clips.
        output: Folder of the shards.
        jobs: The shards by name.
        file: The shard's name and file.
        on_progress: Called with the clips done and their number.

    Returns:
        How it went; a clip that cannot be used is no failure.
    """
    begin = time.perf_counter()
    reason = ""
    state: State = "failed"
    try:
        _write(preparer, output, jobs[file.name], on_progress)
        state = "done"
    except UserError as error:
        reason = str(error)
    except TOO_MUCH as error:
        reason = f"{file.video}: {type(error).__name__}: there is not enough memory"
    except OSError as error:
        reason = str(writing_error(error, file.video) or error)
    return Outcome(file.name, file.video, state, time.perf_counter() - begin, reason)


def record_file(output: Path, name: str) -> Path:
    """Where a finished shard's record waits to be taken into the index.

    Args:
        output: Folder of the shards.
        name: Of the shard's file.

    Returns:
        The file.
    """
    return output / f"{name}.json"


def take_record(output: Path, name: str) -> ShardRecord | None:
    """Read a finished shard's record.

    Args:
        output: Folder of the shards.
        name: Of the shard's file.

    Returns:
        The record; None if there is none that can be read.
    """
    try:
        return record_from(json.loads(record_file(output, name).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(preparer: Preparer, output: Path, job: ShardJob, on_progress: OnProgress | None) -> None:
    left_out: list[LeftOut] = []
    with temporary_folder(output, job.name) as folder:
        samples = write_shard(folder / job.name, _members(preparer, job, left_out, on_progress))
        size = (folder / job.name).stat().st_size
        record = ShardRecord(job.name, samples, size, job.key, tuple(left_out))
        text = json.dumps(asdict(record), ensure_ascii=False)
        record_file(folder, job.name).write_text(text, encoding="utf-8")
        # In this order a record never speaks of a shard that is not there.
        record_file(output, job.name).unlink(missing_ok=True)
        (folder / job.name).replace(output / job.name)
        record_file(folder, job.name).replace(record_file(output, job.name))


def _members(
    preparer: Preparer, job: ShardJob, left_out: list[LeftOut], on_progress: OnProgress | None
) -> Iterator[tuple[str, Mapping[str, bytes]]]:
    """Files of all samples of a shard; whatever is wrong with a clip leaves that clip out."""
    for number, clip in enumerate(job.clips):
        try:
            members = [(sample.key, to_members(sample)) for sample in preparer.samples(clip, left_out)]
        except UserError as error:
            left_out.append(LeftOut(clip.id, str(error)))
            continue
        except TOO_MUCH:
            raise
        except FAILURES as error:
            left_out.append(LeftOut(clip.id, f"{clip.sound}: {type(error).__name__}: {error}"))
            continue
        finally:
            if on_progress is not None:
                on_progress(CLIPS, number + 1, len(job.clips))
        yield from members


def _size(file: Path | None) -> int:
    with suppress(OSError):
        return file.stat().st_size if file is not None else 0
    return -1
