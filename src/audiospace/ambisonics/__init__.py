"""Mathematics of first-order sound fields, on arrays of shape (..., 4, samples)."""

from audiospace.ambisonics.binaural import binaural, binaural_filters
from audiospace.ambisonics.convention import (
    CHANNELS,
    Convention,
    FloatArray,
    W,
    X,
    Y,
    Z,
    from_ambix,
    head_locked,
    require_channels,
    to_ambix,
)
from audiospace.ambisonics.covariance import covariance, covariances_over_time
from audiospace.ambisonics.decode import SURROUND_CHANNELS, mono, stereo, surround
from audiospace.ambisonics.encode import encode, encode_moving, from_mono, from_stereo
from audiospace.ambisonics.energy_map import Beam, energy_map, energy_maps
from audiospace.ambisonics.harmonics import angles, angular_distance, first_order, harmonics_of, unit_vector
from audiospace.ambisonics.head import EarResponses, Head, SphericalHead
from audiospace.ambisonics.intensity import (
    Direction,
    DirectionTrack,
    diffuseness,
    direction,
    directions_over_time,
    intensity,
)
from audiospace.ambisonics.interpolation import directions_at, rotations_at
from audiospace.ambisonics.loudness import Normalised, loudness, normalise, peak_safe_gain
from audiospace.ambisonics.rotate import Axis, foa_matrix, mirror, rotate, rotate_over_time, rotation_matrix
from audiospace.ambisonics.sofa import MeasuredHead, read_sofa

__all__ = [
    "CHANNELS",
    "SURROUND_CHANNELS",
    "Axis",
    "Beam",
    "Convention",
    "Direction",
    "DirectionTrack",
    "EarResponses",
    "FloatArray",
    "Head",
    "MeasuredHead",
    "Normalised",
    "SphericalHead",
    "W",
    "X",
    "Y",
    "Z",
    "angles",
    "angular_distance",
    "binaural",
    "binaural_filters",
    "covariance",
    "covariances_over_time",
    "diffuseness",
    "direction",
    "directions_at",
    "directions_over_time",
    "encode",
    "encode_moving",
    "energy_map",
    "energy_maps",
    "first_order",
    "foa_matrix",
    "from_ambix",
    "from_mono",
    "from_stereo",
    "harmonics_of",
    "head_locked",
    "intensity",
    "loudness",
    "mirror",
    "mono",
    "normalise",
    "peak_safe_gain",
    "read_sofa",
    "require_channels",
    "rotate",
    "rotate_over_time",
    "rotation_matrix",
    "rotations_at",
    "stereo",
    "surround",
    "to_ambix",
    "unit_vector",
]
