"""`audiospace model`: models as files, and the models that have a name."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audiospace.cli.console import output, print_json, stage_progress

if TYPE_CHECKING:
    from audiospace.model_store import ListedModel, ModelDescription

model_app = typer.Typer(
    name="model",
    help="Convert, download and look at models.",
    rich_markup_mode="markdown",
)


@model_app.callback(invoke_without_command=True)
def _models(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


class PrecisionChoice(StrEnum):
    """How weights are stored."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"


@model_app.command("convert")
def convert_model_command(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A published checkpoint: .ckpt, .pt, .pth or .safetensors.")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT.safetensors", help="The model file to write.")],
    config: Annotated[
        str | None,
        typer.Option(
            metavar="JSON|YAML|PRESET",
            help="What the checkpoint was made with: a stable-audio-tools JSON file, a YAML file or a preset."
            " By default as published.",
        ),
    ] = None,
    dtype: Annotated[
        PrecisionChoice, typer.Option(help="How the weights are stored; they are used in float32.")
    ] = PrecisionChoice.FLOAT32,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Write a clean model file, its configuration embedded and nothing unused in it.

    Code in a checkpoint is never run.
    """
    from audiospace.model_store import convert_checkpoint

    with stage_progress() as advance:
        converted = convert_checkpoint(
            source, target, config=config, precision=dtype.value, on_progress=advance
        )
    if as_json:
        print_json(
            {
                "path": str(converted.path),
                "name": converted.name,
                "bytes": converted.bytes,
                "sha256": converted.sha256,
                "dropped": converted.dropped,
            }
        )
        return
    console = output()
    console.print(f"{converted.name}: {_size(converted.bytes)}, sha256 {converted.sha256}", markup=False)
    if converted.dropped:
        console.print(f"  {converted.dropped}", markup=False)
    console.print(str(converted.path), markup=False)


@model_app.command("fetch")
def fetch_model_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that `audiospace model list` shows.")],
) -> None:
    """Download a model and convert it, so that it is there when it is needed.

    A download that was interrupted goes on where it stopped.
    """
    from audiospace.model_store import obtain

    with stage_progress() as advance:
        located = obtain(name, advance)
    console = output()
    if located.cached is not None and located.cached.record.dropped:
        console.print(f"{name}: {located.cached.record.dropped}", markup=False)
    console.print(str(located.path), markup=False)


@model_app.command("info")
def model_info_command(
    model: Annotated[str, typer.Argument(metavar="PATH|NAME", help="A model file, a checkpoint or a name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compute the checksum of a downloaded model again.")
    ] = False,
) -> None:
    """Show a model's sizes, precision, checksum, configuration, terms, and the features that it needs."""
    from audiospace.model_store import describe_model

    found = describe_model(model, verify=verify)
    if as_json:
        print_json(_description_json(found))
        return
    console = output()
    for line in _description_lines(found):
        console.print(line, markup=False)


@model_app.command("list")
def list_models_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """List the models that have a name, where they are, what they need, and their terms."""
    from audiospace.model_store import list_models

    models = list_models()
    if as_json:
        print_json({"models": [listed_json(model) for model in models]})
        return
    console = output()
    for model in models:
        for line in _listed_lines(model):
            console.print(line, markup=False)


def listed_json(model: "ListedModel") -> dict[str, object]:
    """Describe a model of the catalogue as a tree that `json.dumps` takes.

    Args:
        model: The model.

    Returns:
        Name, place, size, needs and terms.
    """
    return {
        "name": model.known.name,
        "summary": model.known.summary,
        "where": model.where,
        "path": None if model.path is None else str(model.path),
        "bytes": model.bytes,
        "ready": model.ready,
        "missing": [{"what": lack.what, "command": lack.command} for lack in model.lacks],
        "memory_bytes": model.known.memory,
        "extras": list(model.known.extras),
        "licence": model.known.licence,
        "frame_encoder_licence": _encoder_licence(model),
    }


def _encoder_licence(model: "ListedModel") -> str | None:
    need = model.known.frame_encoder
    return None if need is None else need.licence


def _listed_lines(model: "ListedModel") -> list[str]:
    known = model.known
    extras = ", ".join(f"audiospace[{extra}]" for extra in known.extras)
    encoder = _encoder_licence(model)
    lines = [
        f"{known.name} ({model.where}): {known.summary}",
        f"  {_size(model.bytes)}, takes {_size(known.memory)} of memory",
        f"  needs: {extras}" if extras else "",
        f"  licence: {known.licence}",
        f"  licence of the frame encoder: {encoder}" if encoder is not None else "",
    ]
    return [line for line in lines if line]


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _description_json(found: "ModelDescription") -> dict[str, object]:
    return {
        "name": found.name,
        "where": found.where,
        "path": None if found.path is None else str(found.path),
        "bytes": found.bytes,
        "sha256": found.sha256 or None,
        "verified": found.verified,
        "precisions": list(found.precisions),
        "parameters": dict(found.parameters),
        "licence": found.licence,
        "features": found.features,
        "dropped": found.dropped or None,
        "notes": dict(found.notes),
        "config": found.config.to_dict(),
    }


def _description_lines(found: "ModelDescription") -> list[str]:
    vae, transformer = found.config.vae, found.config.transformer
    place = "on the hub, not downloaded yet" if found.path is None else str(found.path)
    checked = ", verified" if found.verified else ""
    lines = [
        f"{found.name} ({found.where}): {place}",
        f"  size: {_size(found.bytes)}" + (f" in {', '.join(found.precisions)}" if found.precisions else ""),
        f"  sha256: {found.sha256}{checked}" if found.sha256 else "",
        f"  parameters: {sum(found.parameters.values()):,}",
        *(f"    {part}: {count:,}" for part, count in found.parameters.items()),
        f"  autoencoder: {vae.audio_channels} channels at {vae.sample_rate} Hz, {vae.latent_dim} latents "
        f"at {vae.frame_rate:.2f} a second",
        f"  transformer: width {transformer.width}, {transformer.depth} blocks of {transformer.heads} heads",
        f"  windows of {found.config.window_seconds:g} s, {found.config.steps} steps, "
        f"guidance {found.config.guidance_scale:g}",
        f"  looks through: {found.features}",
        f"  licence: {found.licence}",
        f"  not needed: {found.dropped}" if found.dropped else "",
        *(f"  {key}: {value}" for key, value in found.notes.items() if key not in {"licence", "dropped"}),
    ]
    return [line for line in lines if line]
