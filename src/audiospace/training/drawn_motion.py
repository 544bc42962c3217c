"""The motion of a simulated scene, drawn and measured.

What things look like is taken from a bank of views, because recognising pictures is slow. Motion is quick:
frames as small as the motion meter compares them are drawn and measured. So what moves is as fast as it is,
what swells with its own sound does so in time with it, and what is seen and not heard does not.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from audiospace.panorama import Tiling
from audiospace.simulate import ClipFormat, DrawnSound, Scene, activity, render_frames
from audiospace.training.frame_times import scene_times
from audiospace.training.similar_views import FloatArray
from audiospace.vision import MOTION_HEIGHT, moments, tile_motion


def drawn_motion(
    scene: Scene, sounds: tuple[DrawnSound | None, ...], frames_per_second: float, tiling: Tiling
) -> FloatArray:
    """Measure the motion that a clip of the scene shows.

    Args:
        scene: The scene.
        sounds: What its sources play, as from `simulate.draw_sounds`.
        frames_per_second: Time steps per second; step k is seen at (k + 0.5) / frames_per_second.
        tiling: The tiles to measure in.

    Returns:
        Motion per step and tile, shape (T, N), in [0, 1), as `vision.tile_motion` gives it.
    """
    clip = ClipFormat()
    times = scene_times(scene, frames_per_second)
    swelling = activity(scene, sounds, clip.frames_per_second)
    shown = np.minimum((times * clip.frames_per_second).astype(np.int64), swelling.shape[1] - 1)
    # the noise of a clip's pixels averages out in the meter's larger ones
    quiet = replace(scene, camera_noise=scene.camera_noise * MOTION_HEIGHT / clip.height)
    frames = render_frames(quiet, frames_per_second, MOTION_HEIGHT, activity=swelling[:, shown])
    return tile_motion(np.stack(list(frames)), times, tiling)


def with_motion(
    features: Mapping[str, FloatArray], motion: FloatArray, tiling: Tiling
) -> dict[str, FloatArray]:
    """Replace the motion in features.

    Args:
        features: Branches of a video; 'tiles', shape (T, N, channels), and their moments 'sphere', shape
            (T, 4, channels), have motion as their last channel.
        motion: Motion per step and tile, shape (T, N).
        tiling: The tiles.

    Returns:
        All branches, these two with the other motion.
    """
    tiles, sphere = features["tiles"].copy(), features["sphere"].copy()
    tiles[..., -1] = motion
    sphere[..., -1:] = moments(motion[..., None], tiling)
    return {**features, "tiles": tiles, "sphere": sphere}
