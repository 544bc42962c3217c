"""Scenes with exact ground truth, seen and heard."""

from audiospace.simulate.ambience import diffuse_noise
from audiospace.simulate.appearance import LOOK_VARIANTS, look
from audiospace.simulate.backdrop import backdrop
from audiospace.simulate.clip_files import ClipFormat, truth, write_clip
from audiospace.simulate.dataset import write_dataset
from audiospace.simulate.frames import render_frames
from audiospace.simulate.kinds import AMBIENCE_KINDS, KINDS
from audiospace.simulate.random_scenes import random_scene
from audiospace.simulate.render import (
    activity,
    draw_ambience,
    draw_sounds,
    mix_field,
    render_field,
    render_sound,
    source_field,
)
from audiospace.simulate.room import Room
from audiospace.simulate.scene import Scene, Source
from audiospace.simulate.shares import SPLITS, Split
from audiospace.simulate.simsphere import DATASET_VERSION, Mixture, Recipe
from audiospace.simulate.sources import DrawnSound, SoundLibrary
from audiospace.simulate.trajectory import Trajectory, orbit, pass_by, still, wander

__all__ = [
    "AMBIENCE_KINDS",
    "DATASET_VERSION",
    "KINDS",
    "LOOK_VARIANTS",
    "SPLITS",
    "ClipFormat",
    "DrawnSound",
    "Mixture",
    "Recipe",
    "Room",
    "Scene",
    "SoundLibrary",
    "Source",
    "Split",
    "Trajectory",
    "activity",
    "backdrop",
    "diffuse_noise",
    "draw_ambience",
    "draw_sounds",
    "look",
    "mix_field",
    "orbit",
    "pass_by",
    "random_scene",
    "render_field",
    "render_frames",
    "render_sound",
    "source_field",
    "still",
    "truth",
    "wander",
    "write_clip",
    "write_dataset",
]
