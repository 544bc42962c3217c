"""`audiospace reproduce`: the published ablation tables, trained and judged again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audiospace.cli.console import output, stage_progress

if TYPE_CHECKING:
    from audiospace.reproduction.judging import Figures

reproduce_app = typer.Typer(
    name="reproduce",
    help="Train and evaluate the published ablations again, on simulated scenes.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Output = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="DIR", help="Folder for the tables and all they are made from."),
]
SizeName = Annotated[
    str,
    typer.Option(
        metavar="cpu|gpu|tiny|FILE", help="How much is trained: a preset, or a YAML file like theirs."
    ),
]
Model = Annotated[str, typer.Option(metavar="NAME|FILE", help="The model whose autoencoder all rows share.")]
Sounds = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR", help="A folder of recordings that join the procedural sounds; may be repeated."
    ),
]
Seeds = Annotated[
    int | None,
    typer.Option(min=1, max=100, help="How often everything is trained. Default: as the size says."),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes that make scenes. Default: as many as there are cores.")
]
Plots = Annotated[bool, typer.Option("--plots/--no-plots", help="Draw the table, too (needs matplotlib).")]


@reproduce_app.command("pretraining")
def pretraining_command(
    folder: Output = Path("reproduction"),
    size: SizeName = "cpu",
    model: Model = "audiospace-mini",
    sounds: Sounds = None,
    seeds: Seeds = None,
    workers: Workers = None,
    plots: Plots = True,
) -> None:
    """Coarse-to-fine pre-training, fine only, coarse only and none.

    Writes pretraining.md, .csv and .png. Run the same command again to go on after an interruption.
    """
    _reproduce("pretraining", folder, size, model, sounds, seeds=seeds, workers=workers, plots=plots)


@reproduce_app.command("branches")
def branches_command(
    folder: Output = Path("reproduction"),
    size: SizeName = "cpu",
    model: Model = "audiospace-mini",
    sounds: Sounds = None,
    seeds: Seeds = None,
    workers: Workers = None,
    plots: Plots = True,
) -> None:
    """What the network sees: ERP + FoV, EAC + FoV, FoV, EAC, ERP, and spherical moments.

    Writes branches.md, .csv and .png. Rows of the other table are taken over where both are made in one
    folder. Run the same command again to go on after an interruption.
    """
    _reproduce("branches", folder, size, model, sounds, seeds=seeds, workers=workers, plots=plots)


def _reproduce(
    table: str,
    folder: Path,
    size: str,
    model: str,
    sounds: list[Path] | None,
    *,
    seeds: int | None,
    workers: int | None,
    plots: bool,
) -> None:
    from audiospace.evaluation.workers import default_jobs
    from audiospace.reproduction.run import Request, reproduce
    from audiospace.training.stopping import Stopped

    jobs = workers or default_jobs()
    request = Request(table, folder, size, model, tuple(sounds or ()), seeds, jobs, plots)
    try:
        with stage_progress() as advance:
            files = reproduce(request, advance, _tell)
    except Stopped as stopped:
        _hint()
        raise SystemExit(stopped.status) from stopped
    except (KeyboardInterrupt, SystemExit):
        _hint()
        raise
    output().print(files[0].read_text(encoding="utf-8"), markup=False)
    for path in files:
        output().print(str(path), markup=False)


def _tell(title: str, seed: int, figures: "Figures") -> None:
    import numpy as np

    shown = ", ".join(f"{name} {np.nanmean(values):.2f}" for name, values in figures.clips.items())
    distance = "" if figures.fd is None else f"fd {figures.fd.whole:.2f}, "
    typer.echo(f"{title}, seed {seed}: {distance}{shown}", err=True)


def _hint() -> None:
    typer.echo("audiospace: what is done is kept; run the same command again to go on", err=True)
