"""Mathematics of first-order sound fields, on arrays of shape (..., 4, samples)."""

from audiospace.ambisonics.binaural import binaural, binaural_blocks, binaural_filters
from audiospace.ambisonics.blocks import regroup
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
from audiospace.ambisonics.covariance import (
    covariance,
    covariance_of_blocks,
    covariances_of_blocks,
    covariances_over_time,
)
from audiospace.ambisonics.decode import SURROUND_CHANNELS, mono, stereo, surround
from audiospace.ambisonics.encode import encode, encode_moving, from_mono, from_stereo
from audiospace.ambisonics.energy_map import Beam, energy_map, energy_maps, maps_of
from audiospace.ambisonics.harmonics import angles, angular_distance, first_order, harmonics_of, unit_vector
from audiospace.ambisonics.head import EarResponses, Head, SphericalHead
from audiospace.ambisonics.intensity import (
    Direction,
    DirectionTrack,
    diffuseness,
    direction,
    direction_of,
    directions_over_time,
    intensity,
    track_of,
    window_times,
)
from audiospace.ambisonics.interpolation import directions_at, rotations_at
from audiospace.ambisonics.loudness import (
    Normalised,
    gain_to_peak,
    loudness,
    normalise,
    normalising_gain,
    peak_safe_gain,
)
from audiospace.ambisonics.metering import Measured, measure, peak_of
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
    "Measured",
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
    "binaural_blocks",
    "binaural_filters",
    "covariance",
    "covariance_of_blocks",
    "covariances_of_blocks",
    "covariances_over_time",
    "diffuseness",
    "direction",
    "direction_of",
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
    "gain_to_peak",
    "harmonics_of",
    "head_locked",
    "intensity",
    "loudness",
    "maps_of",
    "measure",
    "mirror",
    "mono",
    "normalise",
    "normalising_gain",
    "peak_of",
    "peak_safe_gain",
    "read_sofa",
    "regroup",
    "require_channels",
    "rotate",
    "rotate_over_time",
    "rotation_matrix",
    "rotations_at",
    "stereo",
    "surround",
    "to_ambix",
    "track_of",
    "unit_vector",
    "window_times",
]
