"""The velocity network of flow matching and what conditions it."""

from audiospace.models.transformer.conditions import (
    ConditionEmbedder,
    Conditions,
    PreparedConditions,
    SpanContext,
)
from audiospace.models.transformer.equivariant import EquivariantTransformer
from audiospace.models.transformer.spline import spline_matrix, stretch
from audiospace.models.transformer.velocity import VelocityTransformer

VelocityNetwork = VelocityTransformer | EquivariantTransformer
"""Either network: both take the same arguments."""

__all__ = [
    "ConditionEmbedder",
    "Conditions",
    "EquivariantTransformer",
    "PreparedConditions",
    "SpanContext",
    "VelocityNetwork",
    "VelocityTransformer",
    "spline_matrix",
    "stretch",
]
