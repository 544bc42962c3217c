"""A result folder that is there whole or not at all."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from audiospace.errors import UserError
from audiospace.generation.temporary import remove_abandoned, temporary_folder
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
    with folders_made(output):
        remove_abandoned(output)
        with _temporary_folder(output, name) as folder:
            yield folder
            _put_in_place(folder, target, name)


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """Give a folder for files that are needed meanwhile, removed at the end.

    Args:
        folder: What `staged_folder` gave.

    Yields:
        An empty folder in it.

    Raises:
        UserError: It cannot be made.
    """
    work = folder / ".work"
    try:
        work.mkdir()
    except OSError as error:
        raise _refusal(error, folder) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


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


@contextmanager
def folders_made(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; when something goes wrong in the block, none of them is left.

    Args:
        folder: The folder.

    Yields:
        Nothing.

    Raises:
        UserError: They cannot be made.
    """
    made = make_folders(folder)
    try:
        yield
    except BaseException:
        for path in reversed(made):
            # Somebody else may have put something there meanwhile.
            with suppress(OSError):
                path.rmdir()
        raise


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it.

    Args:
        folder: The folder.

    Returns:
        Those that were not there before, outermost first.

    Raises:
        UserError: They cannot be made; then none is.
    """
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
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary_folder(output, name))
        except OSError as error:
            raise _refusal(error, output) from error
        yield folder


def _put_in_place(folder: Path, target: Path, name: str) -> None:
    """Move the files into the result's folder, and remove the spatial videos of an earlier result.

    The earlier report goes first and the new one comes last: it never lies beside files of another result.
    """
    report = target / f"{name}.json"
    new = {path.name for path in folder.iterdir()}
    if report.exists():
        report.unlink()
        for stale in (f"{name}.spatial.mp4", f"{name}.spatial.webm", f"{name}.spatial.mov"):
            if stale not in new:
                (target / stale).unlink(missing_ok=True)
    target.mkdir(exist_ok=True)
    for path in sorted(folder.iterdir(), key=lambda path: path.name == report.name):
        path.replace(target / path.name)
