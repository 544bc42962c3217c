"""The published OmniAudio checkpoint layout (stable-audio-tools keys) in terms of this project's classes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from audiospace.models.config import ModelConfig, VAEConfig

_PREFIX = "diffusion."
_CONVOLUTION = {
    "bias": "bias",
    "weight_g": "parametrizations.weight.original0",
    "weight_v": "parametrizations.weight.original1",
}
_SNAKE = {"alpha": "alpha", "beta": "beta"}
_BLOCK = {
    "pre_norm.gamma": "attention_norm.weight",
    "self_attn.to_qkv.weight": "attention.to_qkv.weight",
    "self_attn.to_out.weight": "attention.to_out.weight",
    "ff_norm.gamma": "feed_forward_norm.weight",
    "ff.ff.0.proj.weight": "feed_forward.expand.weight",
    "ff.ff.0.proj.bias": "feed_forward.expand.bias",
    "ff.ff.2.weight": "feed_forward.contract.weight",
    "ff.ff.2.bias": "feed_forward.contract.bias",
}
_TRANSFORMER = {
    "timestep_features.weight": "timestep.frequencies",
    "to_timestep_embed.0.weight": "timestep.network.0.weight",
    "to_timestep_embed.0.bias": "timestep.network.0.bias",
    "to_timestep_embed.2.weight": "timestep.network.2.weight",
    "to_timestep_embed.2.bias": "timestep.network.2.bias",
    "to_global_embed.0.weight": "global_embedding.network.0.weight",
    "to_global_embed.2.weight": "global_embedding.network.2.weight",
    "preprocess_conv.weight": "preprocess.weight",
    "postprocess_conv.weight": "postprocess.weight",
    "transformer.project_in.weight": "project_in.weight",
    "transformer.project_out.weight": "project_out.weight",
}
_TRAILING_AXIS = frozenset({"timestep_features.weight", "preprocess_conv.weight", "postprocess_conv.weight"})
_ZERO = re.compile(r"model\.model\.transformer\.layers\.\d+\.(pre_norm|ff_norm)\.beta")
_NEVER_READ = re.compile(
    r"model\.model\.transformer\.layers\.\d+\.(cross_attn|cross_attend_norm)\."
    r"|model\.model\.to_cond_embed\."
    r"|model\.model\.transformer\.rotary_pos_emb\.inv_freq$"
    r"|conditioner\.conditioners\.\w+\.(proj_out|global_proj)\."
)


@dataclass(frozen=True)
class Translation:
    """A published state dict in this project's terms.

    Attributes:
        state: Weights for `SpatialAudioModel.load_state_dict`, whole and of the right names.
        unused: Published keys that inference never reads, sorted, without their prefix.
    """

    state: dict[str, Tensor]
    unused: tuple[str, ...]


def _renamed(published: str, ours: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((f"{published}.{theirs}", f"{ours}.{name}") for theirs, name in names.items())


def _unit_keys(published: str, ours: str) -> Iterator[tuple[str, str]]:
    """The three residual units of a stage, the first being `published` with its own number."""
    stem, first = published.rsplit(".", 1)
    for unit in range(3):
        theirs, name = f"{stem}.{int(first) + unit}.layers", f"{ours}.units.{unit}"
        yield from _renamed(f"{theirs}.0", f"{name}.first_activation", _SNAKE)
        yield from _renamed(f"{theirs}.1", f"{name}.dilated", _CONVOLUTION)
        yield from _renamed(f"{theirs}.2", f"{name}.second_activation", _SNAKE)
        yield from _renamed(f"{theirs}.3", f"{name}.pointwise", _CONVOLUTION)


def _vae_keys(stages: int) -> Iterator[tuple[str, str]]:
    unbiased = {theirs: name for theirs, name in _CONVOLUTION.items() if theirs != "bias"}
    for part in ("encoder", "decoder"):
        theirs, ours = f"pretransform.model.{part}.layers", f"vae.{part}"
        yield from _renamed(f"{theirs}.0", f"{ours}.input", _CONVOLUTION)
        yield from _renamed(f"{theirs}.{stages + 1}", f"{ours}.activation", _SNAKE)
        last = unbiased if part == "decoder" else _CONVOLUTION
        yield from _renamed(f"{theirs}.{stages + 2}", f"{ours}.output", last)
        for stage in range(stages):
            layers, name = f"{theirs}.{stage + 1}.layers", f"{ours}.stages.{stage}"
            snake, rate, unit, rate_name = (3, 4, 0, "down") if part == "encoder" else (0, 1, 2, "up")
            yield from _renamed(f"{layers}.{snake}", f"{name}.activation", _SNAKE)
            yield from _renamed(f"{layers}.{rate}", f"{name}.{rate_name}", _CONVOLUTION)
            yield from _unit_keys(f"{layers}.{unit}", name)


def published_keys(config: ModelConfig) -> dict[str, str]:
    """Which published key holds which of our weights.

    Args:
        config: A configuration without this project's extensions.

    Returns:
        Our state dict's names by the published ones (without the `diffusion.` prefix); buffers, which the
        published model does not have, are left out.
    """
    keys = dict(_renamed("model.model", "transformer", _TRANSFORMER))
    for index in range(config.transformer.depth):
        keys |= _renamed(f"model.model.transformer.layers.{index}", f"transformer.blocks.{index}", _BLOCK)
    for conditioner in config.conditioners:
        theirs = f"conditioner.conditioners.{conditioner.name}.embedder.0"
        ours = f"embedder.conditioners.{conditioner.name}.layer"
        keys |= _renamed(theirs, ours, {"weight": "weight", "bias": "bias"})
    return keys | dict(_vae_keys(len(_oobleck(config).strides)))


def _without_prefix(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Where any key has the training checkpoint's prefix, only those that have it count."""
    prefixed = {key.removeprefix(_PREFIX): value for key, value in state.items() if key.startswith(_PREFIX)}
    return prefixed or dict(state)


def translate_published(state: Mapping[str, Tensor], config: ModelConfig) -> Translation:
    """Rename the weights of a published checkpoint.

    Args:
        state: The published state dict, with or without the `diffusion.` prefix; the latter drops other keys.
        config: The configuration that the checkpoint belongs to.

    Returns:
        Our state dict and the keys that were not needed.

    Raises:
        ValueError: A weight is missing, a key is unknown, or a norm has a bias that our norms do not have.
    """
    theirs = _without_prefix(state)
    keys = published_keys(config)
    rest = sorted(set(theirs) - set(keys))
    biases = [key for key in rest if _ZERO.fullmatch(key)]
    unknown = [key for key in rest if not _ZERO.fullmatch(key) and not _NEVER_READ.match(key)]
    missing = sorted(set(keys) - set(theirs))
    if unknown or missing:
        what = f"unknown key {unknown[0]}" if unknown else f"missing key {missing[0]}"
        raise ValueError(f"{what} ({len(unknown)} unknown and {len(missing)} missing in all)")
    biased = [key for key in biases if bool(theirs[key].any())]
    if biased:
        raise ValueError(f"{biased[0]} is not zero, so this is not a published model")
    ours = {
        name: theirs[key].squeeze(-1) if key.removeprefix("model.model.") in _TRAILING_AXIS else theirs[key]
        for key, name in keys.items()
    }
    ours["latent_mean"] = torch.zeros(config.vae.latent_dim, 1)
    ours["latent_scale"] = torch.ones(config.vae.latent_dim, 1)
    return Translation(ours, tuple(rest))


def _oobleck(config: ModelConfig) -> VAEConfig:
    if not isinstance(config.vae, VAEConfig):
        raise ValueError("only an autoencoder of the Oobleck family has the published layout")
    return config.vae
