"""The velocity network of flow matching and what conditions it."""

from audiospace.models.transformer.conditions import ConditionEmbedder, Conditions, SpanContext
from audiospace.models.transformer.spline import spline_matrix, stretch
from audiospace.models.transformer.velocity import PreparedConditions, VelocityTransformer

__all__ = [
    "ConditionEmbedder",
    "Conditions",
    "PreparedConditions",
    "SpanContext",
    "VelocityTransformer",
    "spline_matrix",
    "stretch",
]
