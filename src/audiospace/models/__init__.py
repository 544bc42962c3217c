"""Networks: tensors in, tensors out."""

from audiospace.models.config import (
    ConditionerConfig,
    FeatureConfig,
    ModelConfig,
    TransformerConfig,
    VAEConfig,
)
from audiospace.models.flow import (
    ALWAYS,
    Guided,
    OnStep,
    Velocity,
    adams_bashforth,
    euler,
    interpolate,
    midpoint,
    velocity_target,
)
from audiospace.models.inference import prepare_autoencoder, prepare_for_inference, prepare_transformer
from audiospace.models.parametric_config import ParametricVAEConfig
from audiospace.models.spatial_audio_model import SpatialAudioModel
from audiospace.models.transformer import (
    ConditionEmbedder,
    Conditions,
    EquivariantTransformer,
    PreparedConditions,
    SpanContext,
    VelocityNetwork,
    VelocityTransformer,
)
from audiospace.models.vae import (
    AudioVAE,
    Autoencoder,
    ParametricVAE,
    Posterior,
    decoder_context,
    encoder_context,
    fold_weight_norm,
    is_folded,
)

__all__ = [
    "ALWAYS",
    "AudioVAE",
    "Autoencoder",
    "ConditionEmbedder",
    "ConditionerConfig",
    "Conditions",
    "EquivariantTransformer",
    "FeatureConfig",
    "Guided",
    "ModelConfig",
    "OnStep",
    "ParametricVAE",
    "ParametricVAEConfig",
    "Posterior",
    "PreparedConditions",
    "SpanContext",
    "SpatialAudioModel",
    "TransformerConfig",
    "VAEConfig",
    "Velocity",
    "VelocityNetwork",
    "VelocityTransformer",
    "adams_bashforth",
    "decoder_context",
    "encoder_context",
    "euler",
    "fold_weight_norm",
    "interpolate",
    "is_folded",
    "midpoint",
    "prepare_autoencoder",
    "prepare_for_inference",
    "prepare_transformer",
    "velocity_target",
]
