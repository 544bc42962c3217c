"""Mathematics of first-order sound fields, on arrays of shape (..., 4, samples)."""

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
from audiospace.ambisonics.encode import encode, encode_moving, from_mono, from_stereo
from audiospace.ambisonics.harmonics import angles, angular_distance, first_order, harmonics_of, unit_vector
from audiospace.ambisonics.intensity import (
    Direction,
    DirectionTrack,
    diffuseness,
    direction,
    directions_over_time,
    intensity,
)
from audiospace.ambisonics.interpolation import directions_at, rotations_at
from audiospace.ambisonics.rotate import Axis, foa_matrix, mirror, rotate, rotate_over_time, rotation_matrix

__all__ = [
    "CHANNELS",
    "Axis",
    "Convention",
    "Direction",
    "DirectionTrack",
    "FloatArray",
    "W",
    "X",
    "Y",
    "Z",
    "angles",
    "angular_distance",
    "covariance",
    "covariances_over_time",
    "diffuseness",
    "direction",
    "directions_at",
    "directions_over_time",
    "encode",
    "encode_moving",
    "first_order",
    "foa_matrix",
    "from_ambix",
    "from_mono",
    "from_stereo",
    "harmonics_of",
    "head_locked",
    "intensity",
    "mirror",
    "require_channels",
    "rotate",
    "rotate_over_time",
    "rotation_matrix",
    "rotations_at",
    "to_ambix",
    "unit_vector",
]
