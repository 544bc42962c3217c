"""Systems on the command line: folders of sounds, with names."""

from collections.abc import Sequence
from pathlib import Path

from audiospace.errors import UserError


def parse_systems(texts: Sequence[str]) -> dict[str, Path]:
    """Read DIR or NAME=DIR, as often as given.

    Args:
        texts: What was given on the command line.

    Returns:
        Folder by name of the system; the name of a plain DIR is that of the folder.

    Raises:
        UserError: A name or a folder is empty, or two systems have the same name.
    """
    systems: dict[str, Path] = {}
    for text in texts:
        name, separator, folder = text.partition("=")
        if separator and not (name.strip() and folder):
            raise UserError(f"{text!r} does not name a system", remedy="Write NAME=DIR")
        path = Path(folder) if separator and not Path(text).is_dir() else Path(text)
        label = name.strip() if path != Path(text) else path.resolve().name
        if not label:
            raise UserError(f"{text!r} has no name that could be that of a system", remedy="Write NAME=DIR")
        if label in systems:
            raise UserError(f"Two systems are called {label!r}", remedy="Name them: NAME=DIR")
        systems[label] = path
    return systems
