"""Scenes with exact ground truth, seen and heard."""

from audiospace.simulate.appearance import LOOK_VARIANTS, look
from audiospace.simulate.backdrop import backdrop
from audiospace.simulate.dataset import ClipFormat, truth, write_clip, write_clips
from audiospace.simulate.frames import render_frames
from audiospace.simulate.kinds import KINDS
from audiospace.simulate.render import activity, draw_sounds, render_field, render_sound
from audiospace.simulate.room import Room
from audiospace.simulate.scene import Scene, Source, random_scene
from audiospace.simulate.sources import DrawnSound, SoundLibrary
from audiospace.simulate.trajectory import Trajectory, orbit, pass_by, still, wander

__all__ = [
    "KINDS",
    "LOOK_VARIANTS",
    "ClipFormat",
    "DrawnSound",
    "Room",
    "Scene",
    "SoundLibrary",
    "Source",
    "Trajectory",
    "activity",
    "backdrop",
    "draw_sounds",
    "look",
    "orbit",
    "pass_by",
    "random_scene",
    "render_field",
    "render_frames",
    "render_sound",
    "still",
    "truth",
    "wander",
    "write_clip",
    "write_clips",
]
