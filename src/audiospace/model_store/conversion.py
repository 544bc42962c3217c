"""Published checkpoints as this project's model files, and model files in another precision."""

from dataclasses import dataclass
from pathlib import Path

import torch

from audiospace.errors import UserError
from audiospace.media import file_sha256
from audiospace.model_store.configuration import load_config
from audiospace.model_store.loading import PUBLISHED_PRESET
from audiospace.model_store.model_file import is_model_file, read_model, save_model
from audiospace.model_store.progress import OnProgress, unreported
from audiospace.model_store.published_file import published_model, read_published
from audiospace.models import SpatialAudioModel

PRECISIONS = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
"""How weights can be stored, by name."""


@dataclass(frozen=True)
class Converted:
    """A written model file.

    Attributes:
        path: The file.
        name: Of the model.
        bytes: Size of the file.
        sha256: Of the file.
        dropped: What of the source was not needed, as a sentence; else empty.
    """

    path: Path
    name: str
    bytes: int
    sha256: str
    dropped: str


def convert_checkpoint(
    source: str | Path,
    target: str | Path,
    *,
    config: str | Path | None = None,
    precision: str = "float32",
    on_progress: OnProgress | None = None,
) -> Converted:
    """Write a clean model file: this project's names, its configuration embedded, nothing unused.

    Args:
        source: A published checkpoint (.ckpt, .pt, .pth or .safetensors), or a model file of this project.
        target: The .safetensors file to write; appears only when complete.
        config: What the checkpoint was made with: a JSON file of stable-audio-tools, a YAML file or a preset;
            by default that of the published model. A model file of this project has its own.
        precision: How the weights are stored, one of `PRECISIONS`.
        on_progress: Called with "conversion", the steps done and their number.

    Returns:
        What was written.

    Raises:
        UserError: The checkpoint cannot be read, does not fit its configuration, or cannot be written.
    """
    source, target = Path(source), Path(target)
    _check(source, target, precision)
    report = on_progress or unreported
    report("conversion", 0, 2)
    notes = {"source": source.name, "source_sha256": file_sha256(source)}
    dropped = ""
    if is_model_file(source):
        if config is not None:
            raise UserError("has its own configuration", file=source, remedy="Leave out --config")
        model, header = read_model(source)
        notes = header.notes
    else:
        model, what = _published(source, config)
        dropped = str(what)
    report("conversion", 1, 2)
    if dropped:
        notes["dropped"] = dropped
    save_model(model, target, dtype=PRECISIONS[precision], notes=notes)
    report("conversion", 2, 2)
    return Converted(target, model.config.name, target.stat().st_size, file_sha256(target), dropped)


def _published(source: Path, config: str | Path | None) -> tuple[SpatialAudioModel, object]:
    sizes = load_config(PUBLISHED_PRESET if config is None else config)
    return published_model(read_published(source), sizes)


def _check(source: Path, target: Path, precision: str) -> None:
    if precision not in PRECISIONS:
        raise UserError(f"unknown precision {precision!r}", remedy=f"Choose one of {', '.join(PRECISIONS)}")
    if target.suffix != ".safetensors":
        raise UserError("the name of a model file ends in .safetensors", file=target)
    if not source.is_file():
        raise UserError("is a folder" if source.is_dir() else "there is no such file", file=source)
    if target.exists() and target.samefile(source):
        raise UserError("is the file to convert itself", file=target, remedy="Give another name")
