"""Autoencoders in the layout of stable-audio-tools as the first state of one of sound fields."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from audiospace.errors import UserError
from audiospace.model_store.torch_file import is_torch_file, read_torch_file
from audiospace.model_store.weights import shapes_only
from audiospace.models import AudioVAE, ModelConfig, VAEConfig
from audiospace.models.published import published_keys
from audiospace.training.channel_expansion import channels_of, expand_channels

PREFIXES = (
    "autoencoder_ema.ema_model.",
    "autoencoder.",
    "diffusion.pretransform.model.",
    "pretransform.model.",
    "",
)
"""Where an autoencoder may be in a checkpoint; the averaged weights of its training come first."""
_OURS, _THEIRS = "vae.", "pretransform.model."
_REMEDY = "Give a checkpoint of a mono, stereo or ambisonic Oobleck autoencoder with the sizes of the model"


def load_expanded(path: Path, config: ModelConfig) -> AudioVAE:
    """Read an autoencoder of mono, stereo or four-channel sound and widen it to four channels if need be.

    Args:
        path: A file of `torch.save` or of safetensors: an autoencoder, or a model that contains one.
        config: The model whose autoencoder starts from it, of the same sizes but for the channels.

    Returns:
        The autoencoder, with weight norm, in float32.

    Raises:
        UserError: The file cannot be read, holds no such autoencoder, or its sizes differ.
    """
    if not isinstance(config.vae, VAEConfig) or config.vae.stems or config.vae.patch_size > 1:
        raise UserError(
            f"is not one of this project's models, and the autoencoder of '{config.name}' is of another kind",
            file=path,
            remedy=_REMEDY,
        )
    state = _autoencoder_state(_read(path), config, path)
    channels = channels_of(state)
    _check_shapes(state, replace(config.vae, audio_channels=channels), path)
    if channels != config.vae.audio_channels:
        try:
            state = expand_channels(state)
        except ValueError as error:
            raise UserError(str(error), file=path, remedy=_REMEDY) from error
    vae = AudioVAE(config.vae)
    vae.load_state_dict(state)
    return vae


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return read_torch_file(path) if is_torch_file(path) else load_file(path)
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror or error})", file=path) from error
    except SafetensorError as error:
        raise UserError("is neither a safetensors nor a PyTorch file", file=path, remedy=_REMEDY) from error


def _autoencoder_state(found: Mapping[str, Tensor], config: ModelConfig, path: Path) -> dict[str, Tensor]:
    """The weights by our names, of whatever shape."""
    names = {
        theirs.removeprefix(_THEIRS): ours.removeprefix(_OURS)
        for theirs, ours in published_keys(config).items()
        if ours.startswith(_OURS)
    }
    for prefix in PREFIXES:
        inside = {name: f"{prefix}{theirs}" for theirs, name in names.items()}
        if inside.items() and all(theirs in found for theirs in inside.values()):
            return {name: found[theirs].float() for name, theirs in inside.items()}
    raise UserError(
        "holds no Oobleck autoencoder with as many stages as the model's", file=path, remedy=_REMEDY
    )


def _check_shapes(state: Mapping[str, Tensor], config: VAEConfig, path: Path) -> None:
    with shapes_only():
        expected = AudioVAE(config).state_dict()
    wrong = sorted(name for name, value in expected.items() if state[name].shape != value.shape)
    if wrong:
        found, needed = tuple(state[wrong[0]].shape), tuple(expected[wrong[0]].shape)
        raise UserError(
            f"its sizes differ: {wrong[0]} is {found}, but {needed} is needed", file=path, remedy=_REMEDY
        )
