"""The simplest systems, to compare others with: each one is a `generation.Generator`."""

from audiospace.baselines.aims import Aim, ByChance, Measured, Seen, SeenBy, Told
from audiospace.baselines.direction_track import Track, measured_track, still_track
from audiospace.baselines.random_direction import random_direction
from audiospace.baselines.registry import BASELINES, Baseline, BaselineOptions, open_baseline
from audiospace.baselines.rooms import ROOMS, room_named
from audiospace.baselines.sound_file import PlacedFile, place_file
from audiospace.baselines.source_sound import field_of, mono_of, stereo_of
from audiospace.baselines.spatialisation import spatialise, without_direction
from audiospace.baselines.spatialiser import Spatialiser
from audiospace.baselines.visual_direction import (
    FRONT,
    motion_direction,
    motion_directions,
    recogniser_direction,
    recogniser_directions,
)

__all__ = [
    "BASELINES",
    "FRONT",
    "ROOMS",
    "Aim",
    "Baseline",
    "BaselineOptions",
    "ByChance",
    "Measured",
    "PlacedFile",
    "Seen",
    "SeenBy",
    "Spatialiser",
    "Told",
    "Track",
    "field_of",
    "measured_track",
    "mono_of",
    "motion_direction",
    "motion_directions",
    "open_baseline",
    "place_file",
    "random_direction",
    "recogniser_direction",
    "recogniser_directions",
    "room_named",
    "spatialise",
    "stereo_of",
    "still_track",
    "without_direction",
]
