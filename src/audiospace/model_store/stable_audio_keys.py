"""The keys of a stable-audio-tools configuration: read, with one supported value, or idle."""

from audiospace.model_store.config_section import REQUIRED, Keys
from audiospace.models.config import AMBISONIC_CHANNELS

_OFF = (False, False)
CODER = Keys(frozenset({"config"}), {"type": ("oobleck", REQUIRED)}, frozenset({"requires_grad"}))
_SIZES = frozenset({"channels", "c_mults", "strides", "latent_dim"})
TOP = Keys(
    frozenset({"sample_size", "sample_rate", "model"}),
    {"model_type": ("diffusion_cond", REQUIRED), "audio_channels": (AMBISONIC_CHANNELS, 2)},
    frozenset({"training", "dataset"}),
)
MODEL = Keys(frozenset({"pretransform", "conditioning", "diffusion", "io_channels"}))
PRETRANSFORM = Keys(
    frozenset({"config"}),
    {
        "type": ("autoencoder", REQUIRED),
        "scale": (1.0, 1.0),
        "chunked": _OFF,
        "model_half": _OFF,
        "skip_bottleneck": _OFF,
    },
    frozenset({"iterate_batch", "enable_grad"}),
)
AUTOENCODER = Keys(
    frozenset({"encoder", "decoder", "bottleneck", "latent_dim", "downsampling_ratio", "io_channels"}),
    {
        "in_channels": (AMBISONIC_CHANNELS, AMBISONIC_CHANNELS),
        "out_channels": (AMBISONIC_CHANNELS, AMBISONIC_CHANNELS),
        "soft_clip": _OFF,
        "pretransform": (None, None),
    },
)
ENCODER = Keys(
    _SIZES,
    {
        "in_channels": (AMBISONIC_CHANNELS, 2),
        "use_snake": (True, False),
        "antialias_activation": _OFF,
    },
)
DECODER = Keys(
    _SIZES,
    {
        "out_channels": (AMBISONIC_CHANNELS, 2),
        "use_snake": (True, False),
        "antialias_activation": _OFF,
        "use_nearest_upsample": _OFF,
        "final_tanh": (False, True),
    },
)
BOTTLENECK = Keys(fixed={"type": ("vae", REQUIRED), "config": ({}, {})}, idle=frozenset({"requires_grad"}))
CONDITIONING = Keys(frozenset({"configs"}), idle=frozenset({"cond_dim", "default_keys"}))
CONDITIONER = Keys(frozenset({"id", "type", "config"}))
CONDITIONER_SIZES = Keys(frozenset({"dim", "output_dim"}), idle=frozenset({"global_dim"}))
_NO_IDS: tuple[object, object] = ([], [])
DIFFUSION = Keys(
    frozenset({"config", "global_cond_ids", "add_cond_ids"}),
    {
        "type": ("dit", REQUIRED),
        "diffusion_objective": ("rectified_flow", "v"),
        "cross_attention_cond_ids": _NO_IDS,
        "prepend_cond_ids": _NO_IDS,
        "input_concat_ids": _NO_IDS,
        "distribution_shift_options": (None, None),
    },
)
TRANSFORMER = Keys(
    frozenset({"io_channels", "embed_dim", "depth", "num_heads", "global_cond_dim"}),
    {
        "transformer_type": ("continuous_transformer", "x-transformers"),
        "global_cond_type": ("prepend", "prepend"),
        "timestep_cond_type": ("global", "global"),
        "project_global_cond": (True, True),
        "patch_size": (1, 1),
        "input_concat_dim": (0, 0),
        "prepend_cond_dim": (0, 0),
        "add_token_dim": (0, 0),
        "num_memory_tokens": (0, 0),
        "rotary_pos_emb": (True, True),
        "use_sinusoidal_emb": _OFF,
        "use_abs_pos_emb": _OFF,
        "causal": _OFF,
        "conformer": _OFF,
        "remove_norms": _OFF,
        "attn_kwargs": ({}, {}),
        "ff_kwargs": ({}, {}),
    },
    # The layers of these are in the checkpoint, but without cross-attention conditions they never run.
    frozenset(
        {"cond_token_dim", "project_cond_tokens", "zero_init_branch_outputs", "abs_pos_emb_max_length"}
    ),
)
