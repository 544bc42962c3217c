"""Measures of sound fields, one per file."""

from audiospace.metrics.spatial import (
    SILENCE,
    NoDirectionError,
    SpatialErrors,
    direction_errors,
    mean_direction,
    spatial_errors,
)

__all__ = [
    "SILENCE",
    "NoDirectionError",
    "SpatialErrors",
    "direction_errors",
    "mean_direction",
    "spatial_errors",
]
