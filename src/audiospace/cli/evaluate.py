"""`audiospace evaluate`: generated sounds against recorded ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from audiospace.cli.console import output, stage_progress
from audiospace.errors import UserError

if TYPE_CHECKING:
    from audiospace.evaluation import Evaluation, Interval


def parse_systems(texts: Sequence[str]) -> dict[str, Path]:
    """Read DIR or NAME=DIR, as often as given.

    Args:
        texts: The values of `--generated`.

    Returns:
        Folder by name of the system; the name of a plain DIR is that of the folder.

    Raises:
        UserError: Two systems have the same name.
    """
    systems: dict[str, Path] = {}
    for text in texts:
        name, separator, folder = text.partition("=")
        path = Path(folder) if separator and not Path(text).is_dir() else Path(text)
        label = name if path != Path(text) else path.resolve().name
        if label in systems:
            raise UserError(f"Two systems are called {label!r}", remedy="Name them: --generated NAME=DIR")
        systems[label] = path
    return systems


def _cell(interval: "Interval") -> str:
    if interval.n == 0:
        return "-"
    return f"{interval.mean:.2f} [{interval.low:.2f},{interval.high:.2f}]"


def _table(evaluation: "Evaluation") -> Table:
    table = Table(
        title="Spatial errors in radians: mean [95 % interval]",
        title_justify="left",
        caption="front: angle of always saying front, on the same clips; two random directions: 1.57",
        caption_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("system")
    for heading in ("n", "azimuth", "elevation", "angle", "front"):
        table.add_column(heading, justify="right", no_wrap=True)
    for scores in evaluation.systems:
        table.add_row(
            scores.name,
            str(scores.metrics["angle"].n),
            *(_cell(interval) for interval in scores.metrics.values()),
            "" if scores.folder is None else f"{scores.front.mean:.2f}",
        )
    return table


def _findings(evaluation: "Evaluation") -> list[str]:
    """Say what was left out and what was counted in spite of a difference, one line per system and reason."""
    measured = {scores.name: {clip.clip for clip in scores.clips} for scores in evaluation.systems}
    groups: dict[tuple[str, str, str, bool], list[str]] = {}
    for finding in evaluation.findings:
        key = (finding.system, finding.kind, finding.detail, finding.counted)
        groups.setdefault(key, []).append(finding.clip)
    return [
        f"{system}, {kind}, {'counted' if counted else 'left out'}: {detail}: "
        + _names(clips, every=set(clips) == measured.get(system))
        for (system, kind, detail, counted), clips in groups.items()
    ]


def _names(clips: Sequence[str], *, every: bool) -> str:
    """Name clips one by one, unless they are all that a system has."""
    return f"all {len(clips)} clips" if every and len(clips) > 1 else ", ".join(clips)


def evaluate_command(
    reference: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of recorded sounds, or of videos with them.")
    ],
    generated: Annotated[
        list[str],
        typer.Option(metavar="[NAME=]DIR", help="Folder of generated sounds; may be given several times."),
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every figure here.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the intervals and the random directions.")] = 0,
) -> None:
    """Measure how far generated sounds point away from recorded ones.

    Files are matched by name: ID.wav, ID.flac, ID.ogg, a video that carries its sound, or ID/ID.foa.wav. The
    direction of a sound is that of its acoustic intensity over the whole clip; two random directions are 1.57
    rad apart.
    """
    from audiospace.evaluation import evaluate, write_report

    systems = parse_systems(generated)
    with stage_progress() as advance:
        evaluation = evaluate(
            reference, systems, seed=seed, on_progress=lambda done, total: advance("sounds", done, total)
        )
    if json_file is not None:
        write_report(json_file, evaluation)
    console = output()
    console.print(_table(evaluation))
    for line in _findings(evaluation):
        console.print(line, markup=False)
