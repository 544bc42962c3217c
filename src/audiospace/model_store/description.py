"""What a model is: sizes, parameters, precision, checksum, configuration, terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from audiospace.errors import UserError
from audiospace.media import file_sha256
from audiospace.model_store.cache import check_cached
from audiospace.model_store.catalogue import METACLIP, KnownModel
from audiospace.model_store.configuration import load_config, presets_folder
from audiospace.model_store.loading import PUBLISHED_PRESET, Located, locate
from audiospace.model_store.model_file import is_model_file, read_header
from audiospace.model_store.published_file import check_published, is_published, read_published
from audiospace.model_store.weights import empty_model
from audiospace.models import ModelConfig


@dataclass(frozen=True)
class ModelDescription:
    """What `audiospace model info` says.

    Attributes:
        name: From its configuration.
        where: "ships", "cached", "hub" (not downloaded yet), "file" or "published checkpoint".
        path: The file, unless it is still on the hub.
        bytes: Its size; that of the download where it is still on the hub.
        sha256: Of the file; empty where there is none.
        verified: Whether the checksum was computed anew and agreed with the record; None where not asked.
        precisions: How the weights are stored.
        parameters: Their number by part.
        config: Of the model.
        licence: Terms of the weights, as far as they are known.
        features: What it needs to look at a video.
        dropped: What of a published checkpoint is not needed; else empty.
        notes: What is written beside the weights.
    """

    name: str
    where: str
    path: Path | None
    bytes: int
    sha256: str
    verified: bool | None
    precisions: tuple[str, ...]
    parameters: Mapping[str, int]
    config: ModelConfig
    licence: str
    features: str
    dropped: str
    notes: Mapping[str, str]


def count_parameters(config: ModelConfig) -> dict[str, int]:
    """Count a model's weights by part.

    Args:
        config: Of the model.

    Returns:
        Numbers of learned weights; weight norm counts its norms.
    """
    model = empty_model(config)
    parts: dict[str, nn.Module] = {
        "transformer": model.transformer,
        "conditioners": model.embedder,
        "autoencoder, encoder": model.vae.encoder,
        "autoencoder, decoder": model.vae.decoder,
    }
    return {name: sum(weight.numel() for weight in part.parameters()) for name, part in parts.items()}


def describe_model(name_or_path: str | Path, *, verify: bool = False) -> ModelDescription:
    """Look at a model without loading it, and without downloading it.

    Args:
        name_or_path: As for `load_model`.
        verify: Compute the checksum of a cached model again, and compare it with the record.

    Returns:
        What it is.

    Raises:
        UserError: There is no such model, or the file is corrupt or of another kind.
    """
    located = locate(name_or_path)
    if located.path is None:
        return _on_the_hub(located)
    if not is_model_file(located.path) and is_published(located.path):
        return _published(located.path)
    return _model_file(located, located.path, verify)


def _on_the_hub(located: Located) -> ModelDescription:
    known = located.known
    if known is None or known.release is None:
        raise UserError("there is no such model")
    config = load_config(known.preset)
    return ModelDescription(
        name=known.name,
        where="hub",
        path=None,
        bytes=known.release.bytes,
        sha256="",
        verified=None,
        precisions=(),
        parameters=count_parameters(config),
        config=config,
        licence=known.licence,
        features=_features(config),
        dropped="",
        notes={"source": known.release.page},
    )


def _published(path: Path) -> ModelDescription:
    checkpoint = read_published(path)
    config = load_config(PUBLISHED_PRESET)
    dropped = check_published(checkpoint, config)
    return ModelDescription(
        name=config.name,
        where="published checkpoint",
        path=path,
        bytes=path.stat().st_size,
        sha256=file_sha256(path),
        verified=None,
        precisions=tuple(
            sorted({str(value.dtype).removeprefix("torch.") for value in checkpoint.state.values()})
        ),
        parameters=count_parameters(config),
        config=config,
        licence="unknown: ask whoever gave you the file",
        features=_features(config),
        dropped=str(dropped),
        notes={},
    )


def _model_file(located: Located, path: Path, verify: bool) -> ModelDescription:
    cached = located.cached
    if cached is not None:
        check_cached(cached, again=verify)
    header = read_header(path)
    ships = path.parent == presets_folder()
    where = "cached" if cached is not None else "ships" if ships else "file"
    return ModelDescription(
        name=header.config.name,
        where=where,
        path=path,
        bytes=path.stat().st_size,
        sha256=file_sha256(path) if cached is None else cached.record.sha256,
        verified=True if verify and cached is not None else None,
        precisions=header.precisions,
        parameters=count_parameters(header.config),
        config=header.config,
        licence=_licence(located.known, header.notes),
        features=_features(header.config),
        dropped="" if cached is None else cached.record.dropped,
        notes=header.notes,
    )


def _licence(known: KnownModel | None, notes: Mapping[str, str]) -> str:
    return (
        known.licence if known is not None else notes.get("licence", "unknown: none is written in the file")
    )


def _features(config: ModelConfig) -> str:
    if not config.conditioners:
        return "none"
    branches = " and ".join(dict.fromkeys(conditioner.branch for conditioner in config.conditioners))
    features = config.features
    tiles = f", {features.tile_count} tiles" if features.tile_count else ""
    licence = f"; weights {METACLIP.licence}" if features.encoder == METACLIP.encoder else ""
    return f"{features.encoder}, {features.frames_per_second:g} frames a second{tiles}: {branches}{licence}"
