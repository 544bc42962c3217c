"""Configurations and checkpoints in the published form, at the sizes of the tests."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

GOLDEN = Path(__file__).parent / "models" / "golden"
MULTIPLIERS, STRIDES = [1, 2, 4, 8, 16], [2, 4, 4, 8, 8]


def stable_audio_config(
    *, sample_size: int, channels: int, latent: int, width: int, depth: int, heads: int, features: int
) -> dict:
    """A stable-audio-tools configuration of the published kind."""
    coder = {"channels": channels, "c_mults": MULTIPLIERS, "strides": STRIDES, "use_snake": True}
    encoder = coder | {"in_channels": 4, "latent_dim": 2 * latent}
    decoder = coder | {"out_channels": 4, "latent_dim": latent, "final_tanh": False}
    conditioner = {"dim": features, "output_dim": width}
    return {
        "model_type": "diffusion_cond",
        "sample_size": sample_size,
        "sample_rate": 44100,
        "audio_channels": 4,
        "model": {
            "pretransform": {
                "type": "autoencoder",
                "iterate_batch": True,
                "config": {
                    "encoder": {"type": "oobleck", "config": encoder},
                    "decoder": {"type": "oobleck", "config": decoder},
                    "bottleneck": {"type": "vae"},
                    "latent_dim": latent,
                    "downsampling_ratio": 2048,
                    "io_channels": 4,
                },
            },
            "conditioning": {
                "configs": [
                    {"id": "video_fov", "type": "video_linear", "config": dict(conditioner)},
                    {"id": "video_360", "type": "video_global", "config": dict(conditioner)},
                ],
                "cond_dim": 24,
            },
            "diffusion": {
                "global_cond_ids": ["video_360"],
                "add_cond_ids": ["video_fov"],
                "type": "dit",
                "diffusion_objective": "rectified_flow",
                "config": {
                    "io_channels": latent,
                    "embed_dim": width,
                    "depth": depth,
                    "num_heads": heads,
                    "cond_token_dim": 24,
                    "global_cond_dim": width,
                    "project_cond_tokens": False,
                    "transformer_type": "continuous_transformer",
                },
            },
            "io_channels": latent,
        },
    }


def tiny_config() -> dict:
    """The configuration of the tiny reference checkpoint."""
    config = stable_audio_config(
        sample_size=32768, channels=4, latent=8, width=76, depth=2, heads=2, features=32
    )
    config["model"]["conditioning"]["configs"][1]["config"]["global_dim"] = 76
    return config


def full_config() -> dict:
    """The published configuration."""
    sizes = {"channels": 128, "latent": 64, "width": 1536, "depth": 24, "heads": 24, "features": 1024}
    return stable_audio_config(sample_size=441_000, **sizes) | {"training": {"use_ema": True}}


def tiny_weights() -> dict[str, Tensor]:
    """The tiny reference checkpoint: random weights, without the prefix and without what is never read."""
    return load_file(GOLDEN / "tiny_weights.safetensors")


def tiny_vectors() -> dict[str, Tensor]:
    """Inputs and outputs of the reference with these weights."""
    return load_file(GOLDEN / "tiny_vectors.safetensors")


def unused_weights() -> dict[str, Tensor]:
    """Weights of the published layout that inference never reads, in the sizes of the tiny checkpoint."""
    layer = "model.model.transformer.layers"
    norms = {f"{layer}.{index}.{norm}.beta": (76,) for index in range(2) for norm in ("pre_norm", "ff_norm")}
    shapes = norms | {
        f"{layer}.0.cross_attn.to_q.weight": (76, 76),
        f"{layer}.0.cross_attend_norm.gamma": (76,),
        f"{layer}.0.cross_attend_norm.beta": (76,),
        "model.model.to_cond_embed.0.weight": (24, 24),
        "model.model.transformer.rotary_pos_emb.inv_freq": (16,),
        "conditioner.conditioners.video_fov.proj_out.weight": (76, 32),
        "conditioner.conditioners.video_360.global_proj.0.bias": (76,),
    }
    return {key: torch.zeros(shape) for key, shape in shapes.items()}


UNUSED_COUNT = 76 * 76 + 76 + 24 * 24 + 76 * 32 + 76
"""Learned numbers among them: all but the betas and the frequencies."""


def training_checkpoint() -> dict[str, object]:
    """What a training run writes: everything under a prefix, with a moving average and settings beside it."""
    state = {f"diffusion.{key}": value for key, value in (tiny_weights() | unused_weights()).items()}
    average = {"diffusion_ema.initted": torch.ones(1), "diffusion_ema.model.weight": torch.zeros(5)}
    return {"state_dict": state | average, "epoch": 3, "global_step": 1000}
