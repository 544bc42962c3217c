"""Whether an earlier result is what would be made now, so that a batch can go on where it stopped."""

import json
from pathlib import Path

from audiospace.generation.generator import ModelIdentity
from audiospace.generation.result import Settings
from audiospace.media import file_sha256

WHERE = "device"
"""The setting that says where a sound was made, and not how."""


def read_report(folder: Path) -> dict[str, object] | None:
    """Read the report of a result, if all the files that it names are there.

    Args:
        folder: Folder of the result, named after the clip.

    Returns:
        The report; None if there is no complete result.
    """
    try:
        report = json.loads((folder / f"{folder.name}.json").read_text(encoding="utf-8"))
        complete = all((folder / name).stat().st_size > 0 for name in report["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return report if complete else None


def is_made_alike(
    report: dict[str, object], *, video: Path, identity: ModelIdentity, settings: Settings
) -> bool:
    """Tell whether a result was made from the same video, by the same generator with the same settings.

    Where it was made, and by which version of the program, is not compared.

    Args:
        report: Of the earlier result.
        video: The video now.
        identity: The generator now; one with a file is known by its hash, another one by its name.
        settings: The settings now.

    Returns:
        Whether making it again would give the same.

    Raises:
        UserError: The video cannot be read.
    """
    model, earlier = report.get("model"), report.get("settings")
    if not isinstance(model, dict) or not isinstance(earlier, dict):
        return False
    wanted = settings.report()
    known_by = "name" if identity.sha256 is None else "sha256"
    return (
        model.get(known_by) == identity.report()[known_by]
        and {**earlier, WHERE: None} == {**wanted, WHERE: None}
        and report.get("video_sha256") == file_sha256(video)
    )
