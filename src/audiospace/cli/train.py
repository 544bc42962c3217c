"""`audiospace train`: one stage of training, from a configuration file."""

from enum import StrEnum
from importlib.util import find_spec
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


class Strategy(StrEnum):
    """How several processes share the work."""

    AUTO = "auto"
    DDP = "ddp"
    FSDP = "fsdp"


class Accelerator(StrEnum):
    """What computes."""

    AUTO = "auto"
    CPU = "cpu"
    GPU = "gpu"


class LogTarget(StrEnum):
    """Where the log goes beside `log.jsonl`."""

    TENSORBOARD = "tensorboard"
    WANDB = "wandb"


def train_command(
    stage: Annotated[Stage, typer.Argument(metavar="STAGE", help="Which stage to train.")],
    config: Annotated[
        Path,
        typer.Option(metavar="FILE", help="A YAML file that says everything about it, or a preset: mini."),
    ],
    folder: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Folder for models and checkpoints.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    sounds: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A folder of recordings; may be given several times."),
    ] = None,
    devices: Annotated[
        int, typer.Option(metavar="N", min=0, help="Processes on each machine; 0 for every GPU there is.")
    ] = 1,
    nodes: Annotated[int, typer.Option(metavar="N", min=1, help="Machines.")] = 1,
    strategy: Annotated[
        Strategy, typer.Option(help="Whole networks in every process (ddp), or a share of them (fsdp).")
    ] = Strategy.AUTO,
    accelerator: Annotated[Accelerator, typer.Option(help="What computes.")] = Accelerator.AUTO,
    log: Annotated[
        list[LogTarget] | None,
        typer.Option(
            help="Where figures, sounds and energy maps go beside log.jsonl; TensorBoard if it is installed."
        ),
    ] = None,
) -> None:
    """Train one stage of a model.

    The stages build on each other: vae (sound to latents and back), coarse (flow matching on ordinary
    recordings), fine (on sound fields, with gaps to fill), finetune (with what is seen). Apart from them,
    judge trains the classifier by which 'evaluate' compares sounds.

    Ctrl-C and SIGTERM finish the step and save a checkpoint. Processes may also be started by torchrun.
    """
    from audiospace.training.processes import Machines, is_first_process
    from audiospace.training.run import train_stage
    from audiospace.training.stopping import Stopped

    first = is_first_process()
    targets = log if log is not None else [LogTarget.TENSORBOARD] if find_spec("tensorboard") else []
    try:
        with stage_progress(quiet=not first) as advance:
            result = train_stage(
                stage.value,
                config,
                output=folder,
                resume=resume,
                sounds=tuple(sounds or ()),
                machines=Machines(devices, nodes, strategy.value, accelerator.value),
                log_to=[target.value for target in targets],
                on_progress=advance,
            )
    except Stopped as stopped:
        # The process that started the others stands for them all.
        if first:
            typer.echo(
                f"audiospace: stopped after step {stopped.step}; --resume goes on from there", err=True
            )
        raise SystemExit(stopped.status if first else 0) from stopped
    if not first:
        return
    console = output()
    console.print(f"{result.report.steps} steps, {result.report.seconds:.0f} s", markup=False)
    for name, before in result.report.first_validation.items():
        after = result.report.last_validation.get(name, before)
        console.print(f"  {name}: {before:.4f} before, {after:.4f} after", markup=False)
    console.print(str(result.model), markup=False)
