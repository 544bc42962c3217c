"""A result folder that is there whole or not at all."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audiospace.errors import UserError
from audiospace.media.atomic import writing_error

OWN_MARK = "convention"
"""A key that every report of this program has, and other JSON files beside videos have not."""


@contextmanager
def staged_folder(output: Path, name: str) -> Iterator[Path]:
    """Give an empty folder to write in; when all went well its files appear in the folder `output/name`.

    An earlier result in that folder is replaced, file by file, and other files in it are left alone. When
    something goes wrong nothing is left: neither the files nor the folders that were made for them.

    Args:
        output: Where the folder with the result is made; made itself if it is not there.
        name: Name of the folder.

    Yields:
        The folder to write in.

    Raises:
        UserError: The folder cannot be made, or a file of somebody else would be replaced.
    """
    target = output / name
    _check_target(target, name)
    made = _make_folders(output)
    try:
        with _temporary_folder(output, name) as folder:
            yield folder
            _put_in_place(folder, target, name)
    except BaseException:
        for parent in reversed(made):
            parent.rmdir()
        raise


def _check_target(target: Path, name: str) -> None:
    if target.exists() and not target.is_dir():
        raise UserError("exists and is not a folder", file=target, remedy="Choose another output folder")
    report = target / f"{name}.json"
    if not report.exists():
        return
    try:
        tree = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        tree = None
    if not isinstance(tree, dict) or OWN_MARK not in tree:
        raise UserError(
            "would be replaced, and it is not the report of an earlier result",
            file=report,
            remedy="Choose another output folder",
        )


def _refusal(error: OSError, folder: Path) -> UserError:
    known = writing_error(error, folder)
    return known or UserError(
        f"cannot be written to ({error.strerror})", file=folder, remedy="Choose another folder"
    )


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; give those that were not there, outermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()][::-1]
    made: list[Path] = []
    try:
        for path in missing:
            path.mkdir()
            made.append(path)
    except OSError as error:
        for path in reversed(made):
            path.rmdir()
        raise _refusal(error, folder) from error
    return made


@contextmanager
def _temporary_folder(output: Path, name: str) -> Iterator[Path]:
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{name[:40]}.", dir=output))
    except OSError as error:
        raise _refusal(error, output) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(folder: Path, target: Path, name: str) -> None:
    """Move the files into the result's folder, and remove the spatial videos of an earlier result."""
    new = {path.name for path in folder.iterdir()}
    if (target / f"{name}.json").exists():
        for stale in (f"{name}.spatial.mp4", f"{name}.spatial.webm"):
            if stale not in new:
                (target / stale).unlink(missing_ok=True)
    target.mkdir(exist_ok=True)
    for path in sorted(folder.iterdir()):
        path.replace(target / path.name)
