"""`audiospace train`: one stage of training, from a configuration file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from audiospace.cli.console import output, stage_progress


class Stage(StrEnum):
    """The four stages of a model, in order, and the judge of sounds."""

    VAE = "vae"
    COARSE = "coarse"
    FINE = "fine"
    FINETUNE = "finetune"
    JUDGE = "judge"


def train_command(
    stage: Annotated[Stage, typer.Argument(metavar="STAGE", help="Which stage to train.")],
    config: Annotated[Path, typer.Option(metavar="FILE", help="A YAML file that says everything about it.")],
    folder: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Folder for models and checkpoints.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    sounds: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A folder of recordings; may be given several times."),
    ] = None,
) -> None:
    """Train one stage of a model.

    The stages build on each other: vae (sound to latents and back), coarse (flow matching on ordinary
    recordings), fine (on sound fields, with gaps to fill), finetune (with what is seen). Apart from them,
    judge trains the classifier by which 'evaluate' compares sounds.
    """
    from audiospace.training.run import train_stage

    with stage_progress() as advance:
        result = train_stage(
            stage.value,
            config,
            output=folder,
            resume=resume,
            sounds=tuple(sounds or ()),
            on_progress=advance,
        )
    console = output()
    console.print(f"{result.report.steps} steps, {result.report.seconds:.0f} s", markup=False)
    for name, first in result.report.first_validation.items():
        last = result.report.last_validation.get(name, first)
        console.print(f"  {name}: {first:.4f} before, {last:.4f} after", markup=False)
    console.print(str(result.model), markup=False)
