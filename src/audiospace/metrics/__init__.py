"""Measures of sound fields, one per file."""

from audiospace.metrics.diffuseness import diffuseness_error
from audiospace.metrics.direction_over_time import direction_error_over_time
from audiospace.metrics.energy_maps import MapAgreement, MapBeam, map_agreement
from audiospace.metrics.frechet import GaussianStatistics, frechet_distance
from audiospace.metrics.grouped_statistics import GROUP_COUNT, GroupedStatistics, Replicates, replicates
from audiospace.metrics.inception import LabelStatistics, inception_score
from audiospace.metrics.kernel_distance import kernel_distance, kernel_replicates
from audiospace.metrics.label_divergence import label_divergence
from audiospace.metrics.onsets import ONSETS_PER_SECOND, Onsets, onset_strength
from audiospace.metrics.published_spatial import published_errors
from audiospace.metrics.similarity import cosine_similarity
from audiospace.metrics.sound_field import (
    SILENCE,
    SLICES_PER_SECOND,
    NotFiniteError,
    SoundField,
    UndefinedError,
    point_source,
    summarise,
    without_direction,
)
from audiospace.metrics.spatial import (
    NoDirectionError,
    SpatialErrors,
    direction_errors,
    field_direction,
    field_errors,
    mean_direction,
    spatial_errors,
)
from audiospace.metrics.synchrony import synchrony
from audiospace.metrics.visual_agreement import (
    VisualAgreement,
    visual_agreement,
    visual_agreement_over_time,
)

__all__ = [
    "GROUP_COUNT",
    "ONSETS_PER_SECOND",
    "SILENCE",
    "SLICES_PER_SECOND",
    "GaussianStatistics",
    "GroupedStatistics",
    "LabelStatistics",
    "MapAgreement",
    "MapBeam",
    "NoDirectionError",
    "NotFiniteError",
    "Onsets",
    "Replicates",
    "SoundField",
    "SpatialErrors",
    "UndefinedError",
    "VisualAgreement",
    "cosine_similarity",
    "diffuseness_error",
    "direction_error_over_time",
    "direction_errors",
    "field_direction",
    "field_errors",
    "frechet_distance",
    "inception_score",
    "kernel_distance",
    "kernel_replicates",
    "label_divergence",
    "map_agreement",
    "mean_direction",
    "onset_strength",
    "point_source",
    "published_errors",
    "replicates",
    "spatial_errors",
    "summarise",
    "synchrony",
    "visual_agreement",
    "visual_agreement_over_time",
    "without_direction",
]
