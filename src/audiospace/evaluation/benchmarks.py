"""Which clips public benchmarks consist of, by the lists that their authors publish.

The lists are not part of this package: they are read from a local copy, or from the Hugging Face hub. What
they name has to be fetched from where it was published, and may not be there any more; see
`docs/benchmarks.md`.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audiospace.errors import MissingExtraError, UserError

_VIDEO_ID = re.compile(r"[\w-]{11}", re.ASCII)
_SEGMENTS = "segments.txt"


@dataclass(frozen=True)
class Benchmark:
    """A benchmark that has a name.

    Attributes:
        title: As papers call it.
        page: Where its list is published.
        files: Names of its list, and of what the list needs beside it, at that place.
        dataset: The same on the hub: owner and name of a dataset; None if it is not there.
    """

    title: str
    page: str
    files: tuple[str, ...]
    dataset: str | None = None


BENCHMARKS: Mapping[str, Benchmark] = {
    "sphere360-bench": Benchmark(
        title="Sphere360-Bench",
        page="https://github.com/liuhuadai/OmniAudio/tree/main/Sphere360",
        files=("dataset/split/test.txt",),
        dataset="omniaudio/Sphere360",
    ),
    "yt360-test": Benchmark(
        title="YT360-Test",
        page="https://github.com/pedro-morgado/AVSpatialAlignment",
        files=("datasets/assets/yt360/test.txt", "datasets/assets/yt360/segments.txt"),
    ),
}
"""Benchmarks by the name that a user gives."""


@dataclass(frozen=True)
class Split:
    """The clips to evaluate.

    Attributes:
        name: What to call it: a benchmark's title, or the name of a file.
        clips: Names of the clips in the order of the list, each once.
        source: Where the list comes from.
        sha256: Of the list file.
    """

    name: str
    clips: tuple[str, ...]
    source: str
    sha256: str


def load_split(name_or_path: str | Path) -> Split:
    """Read the list of clips of a benchmark, or one's own.

    A list has one clip on a line, such as VIDEOID_START. One that names whole videos (YT360) is spelled out
    by the file `segments.txt` beside it, whose lines are a video's id and the seconds at which its clips
    begin: clips are then called VIDEOID-START.

    Args:
        name_or_path: "sphere360-bench" or "yt360-test", or a text file.

    Returns:
        The clips.

    Raises:
        UserError: There is no such benchmark or file, the list is empty or no list, or it is to come from the
            hub and cannot be had there.
        MissingExtraError: It is to come from the hub, and its library is not installed.
    """
    path = Path(name_or_path)
    benchmark = BENCHMARKS.get(str(name_or_path).lower())
    if benchmark is not None and not path.is_file():
        return _read(_fetch(benchmark), benchmark.title, f"{benchmark.dataset} on the Hugging Face hub")
    if not path.is_file():
        known = " or ".join(BENCHMARKS)
        raise UserError(
            "there is no such benchmark or list of clips",
            file=path,
            remedy=f"Name {known}, or give a text file with one clip on a line",
        )
    return _read(path, path.name, str(path))


def _read(path: Path, name: str, source: str) -> Split:
    try:
        content = path.read_bytes()
        lines = [line.strip() for line in content.decode("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("cannot be read as a list of clips", file=path) from error
    names = tuple(dict.fromkeys(line for line in lines if line))
    if not names:
        raise UserError("names no clips", file=path)
    odd = next((name for name in names if len(name.split()) > 1 or "/" in name), None)
    if odd is not None:
        raise UserError(f"is not a list of clips, one on a line: {odd[:60]!r}", file=path)
    if all(_VIDEO_ID.fullmatch(name) for name in names):
        names = _spelled_out(names, path)
    return Split(name, names, source, hashlib.sha256(content).hexdigest())


def _spelled_out(videos: tuple[str, ...], path: Path) -> tuple[str, ...]:
    """Clips of whole videos, from the file of segments beside their list."""
    segments = path.with_name(_SEGMENTS)
    try:
        rows = [line.split() for line in segments.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"names videos, and {_SEGMENTS} with the beginnings of their clips is not beside it",
            file=path,
            remedy=f"Fetch it from {BENCHMARKS['yt360-test'].page}",
        ) from error
    starts = {row[0]: row[1].split(",") for row in rows if len(row) == 2}
    clips = tuple(f"{video}-{start}" for video in videos for start in starts.get(video, ()))
    if not clips:
        raise UserError(f"holds no clip of the videos in {path.name}", file=segments)
    return clips


def _fetch(benchmark: Benchmark) -> Path:
    """Find a list in the hub library's cache, or download it."""
    name = Path(benchmark.files[0]).name
    remedy = f"Fetch {' and '.join(benchmark.files)} from {benchmark.page} and give the path of {name}"
    if benchmark.dataset is None:
        raise UserError(f"the list of {benchmark.title} is not on the Hugging Face hub", remedy=remedy)
    try:
        import huggingface_hub as hub
    except ImportError as error:
        raise MissingExtraError(f"downloading the list of {benchmark.title}", "hub") from error
    kept = hub.try_to_load_from_cache(benchmark.dataset, benchmark.files[0], repo_type="dataset")
    if isinstance(kept, str):
        return Path(kept)
    try:
        return Path(hub.hf_hub_download(benchmark.dataset, benchmark.files[0], repo_type="dataset"))
    except Exception as error:  # what is raised depends on the hub library's version and on its transport
        raise UserError(
            f"the list of {benchmark.title} cannot be downloaded from {benchmark.dataset} on the Hugging "
            f"Face hub ({type(error).__name__})",
            remedy=remedy,
        ) from error
