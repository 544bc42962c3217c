"""Configurations of stable-audio-tools, the published model's own form, as this project's configurations.

Every key is one of three: it is read, it has one supported value, or it cannot change what is computed.
Anything else is refused by name, since a model that runs with a key passed over is a wrong model.
"""

import math
from collections.abc import Mapping

from audiospace.model_store.config_section import Section
from audiospace.model_store.stable_audio_keys import (
    AUTOENCODER,
    BOTTLENECK,
    CODER,
    CONDITIONER,
    CONDITIONER_SIZES,
    CONDITIONING,
    DECODER,
    DIFFUSION,
    ENCODER,
    MODEL,
    PRETRANSFORM,
    TOP,
    TRANSFORMER,
)
from audiospace.models import ConditionerConfig, FeatureConfig, ModelConfig, TransformerConfig, VAEConfig
from audiospace.models.config import AMBISONIC_CHANNELS, MINIMUM_ROTARY_WIDTH
from audiospace.vision import MetaCLIP

FRAMES_PER_SECOND = 8.0
"""Of the published features; the configuration does not hold it."""
METACLIP_DIM = 1024
EXTERNAL_ENCODER = "external"
"""Encoder id of a model whose features are not as wide as MetaCLIP's: nothing here can compute them."""
_BRANCHES = {"video_fov": "fov", "video_360": "panorama"}
_BRANCH_OF_ROLE = {"additive": "fov", "global": "panorama"}
_CONDITIONER_TYPES = ("video_linear", "video_global")
_CONCATENATED_DIM = 768  # several global embeddings are summed, but of this width they are concatenated


def is_stable_audio(values: object) -> bool:
    """Whether a mapping is a configuration of stable-audio-tools rather than one of this project."""
    return isinstance(values, Mapping) and "model_type" in values


def config_from_stable_audio(values: Mapping[str, object], name: str = "converted") -> ModelConfig:
    """Translate a configuration of the published model's family.

    Its sizes are free. Conditioners called video_fov and video_360 read the front view and the panorama;
    one of another name reads the front view where it is additive and the panorama where it is global, as
    published. Features of 1024 numbers are taken to be MetaCLIP-H14's, any other ones to be given from
    outside (encoder "external"). Guidance 3 and 24 steps are the published ones: the file does not hold any.

    Args:
        values: The parsed JSON.
        name: Of the resulting model.

    Returns:
        The configuration.

    Raises:
        ValueError: A key asks for something that is not supported, or two keys contradict each other.
    """
    top = Section(values, "", TOP)
    sample_rate, sample_size = top.whole("sample_rate"), top.whole("sample_size")
    model = top.section("model", MODEL)
    vae = _vae(model.section("pretransform", PRETRANSFORM), sample_rate)
    model.agree("io_channels", vae.latent_dim, "as the latents have")
    if sample_size < vae.hop:
        raise ValueError(f"sample_size is {sample_size}, which is less than one latent frame of {vae.hop}")
    transformer = _transformer(model.section("diffusion", DIFFUSION), vae.latent_dim)
    conditioners = _conditioners(model, transformer)
    metaclip = all(conditioner.input_dim == METACLIP_DIM for conditioner in conditioners)
    return ModelConfig(
        name=name,
        vae=vae,
        transformer=transformer,
        conditioners=conditioners,
        features=FeatureConfig(MetaCLIP.id if metaclip else EXTERNAL_ENCODER, FRAMES_PER_SECOND),
        window_seconds=_seconds(sample_size, sample_rate),
    )


def _seconds(samples: int, rate: int) -> float:
    """The length in seconds, rounded so that it still holds all the samples."""
    seconds = samples / rate
    return seconds if math.floor(seconds * rate) == samples else math.nextafter(seconds, math.inf)


def _vae(pretransform: Section, sample_rate: int) -> VAEConfig:
    autoencoder = pretransform.section("config", AUTOENCODER)
    autoencoder.section("bottleneck", BOTTLENECK)
    encoder = autoencoder.section("encoder", CODER).section("config", ENCODER)
    decoder = autoencoder.section("decoder", CODER).section("config", DECODER)
    latent_dim = autoencoder.whole("latent_dim")
    encoder.agree("latent_dim", 2 * latent_dim, "a mean and a deviation of every latent channel")
    decoder.agree("latent_dim", latent_dim, "as the latents have")
    autoencoder.agree("io_channels", AMBISONIC_CHANNELS, "those of first-order ambisonics")
    encoder.agree("channels", decoder.whole("channels"), "as in the decoder")
    for key in ("c_mults", "strides"):
        if encoder.wholes(key) != decoder.wholes(key):
            raise ValueError(f"{encoder.name(key)} differs from {decoder.name(key)}; they must be equal")
    strides = decoder.wholes("strides")
    if any(stride < 2 or stride % 2 for stride in strides):
        raise ValueError(f"{decoder.name('strides')} is {list(strides)}; only even strides are supported")
    autoencoder.agree("downsampling_ratio", math.prod(strides), "the product of the strides")
    return VAEConfig(
        sample_rate=sample_rate,
        audio_channels=AMBISONIC_CHANNELS,
        channels=decoder.whole("channels"),
        channel_multipliers=decoder.wholes("c_mults"),
        strides=strides,
        latent_dim=latent_dim,
    )


def _transformer(diffusion: Section, latent_dim: int) -> TransformerConfig:
    config = diffusion.section("config", TRANSFORMER)
    config.agree("io_channels", latent_dim, "as the latents have")
    width, heads = config.whole("embed_dim"), config.whole("num_heads")
    if width % heads or width // heads < MINIMUM_ROTARY_WIDTH:
        raise ValueError(
            f"{config.name('num_heads')} is {heads} for a width of {width}; only whole heads of "
            f"{MINIMUM_ROTARY_WIDTH} channels or more are supported"
        )
    return TransformerConfig(
        latent_dim=latent_dim,
        width=width,
        depth=config.whole("depth"),
        heads=heads,
        global_dim=config.whole("global_cond_dim"),
    )


def _roles(diffusion: Section) -> dict[str, str]:
    additive, global_ = diffusion.words("add_cond_ids"), diffusion.words("global_cond_ids")
    if len(additive) > 1:
        raise ValueError(f"{diffusion.name('add_cond_ids')} is {list(additive)}; only one is supported")
    if not global_:
        raise ValueError(f"{diffusion.name('global_cond_ids')} is empty; at least one is needed")
    if len({*additive, *global_}) < len(additive) + len(global_):
        raise ValueError(f"{diffusion.name('global_cond_ids')} is {list(global_)}; each id may be used once")
    return dict.fromkeys(additive, "additive") | dict.fromkeys(global_, "global")


def _conditioners(model: Section, transformer: TransformerConfig) -> tuple[ConditionerConfig, ...]:
    roles = _roles(model.section("diffusion", DIFFUSION))
    conditioning = model.section("conditioning", CONDITIONING)
    found = tuple(
        _conditioner(entry, roles, transformer) for entry in conditioning.sections("configs", CONDITIONER)
    )
    absent = sorted(roles.keys() - {conditioner.name for conditioner in found})
    if absent:
        raise ValueError(f"{conditioning.name('configs')} lacks the conditioner {absent[0]!r}")
    if transformer.global_dim == _CONCATENATED_DIM and list(roles.values()).count("global") > 1:
        raise ValueError(
            f"{conditioning.name('configs')} has several global conditioners of {_CONCATENATED_DIM} "
            "channels, which would be concatenated; only sums are supported"
        )
    return found


def _conditioner(
    entry: Section, roles: Mapping[str, str], transformer: TransformerConfig
) -> ConditionerConfig:
    name, kind = entry.word("id"), entry.word("type")
    if kind not in _CONDITIONER_TYPES:
        supported = " or ".join(map(repr, _CONDITIONER_TYPES))
        raise ValueError(f"{entry.name('type')} is {kind!r}; only {supported} is supported")
    if name not in roles:
        raise ValueError(f"{entry.name('id')} is {name!r}, which conditions nothing; leave it out")
    role = roles[name]
    sizes = entry.section("config", CONDITIONER_SIZES)
    if role == "additive":
        sizes.agree("output_dim", transformer.width, "the width of the tokens it is added to")
    else:
        sizes.agree("output_dim", transformer.global_dim, "the global_cond_dim of the transformer")
    branch = _BRANCHES.get(name, _BRANCH_OF_ROLE[role])
    return ConditionerConfig(name=name, branch=branch, role=role, input_dim=sizes.whole("dim"))
