"""Scenes made visible: sources drawn on the sphere, in equirectangular frames."""

from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from audiospace.panorama import directions
from audiospace.simulate.appearance import premultiplied
from audiospace.simulate.backdrop import backdrop
from audiospace.simulate.scene import LARGEST, Scene

GRAIN_MARGIN = 64
"""Pixels by which the sheet of noise is larger than a frame."""

Picture = NDArray[np.float32]


def render_frames(
    scene: Scene, frames_per_second: float, height: int, *, activity: NDArray[np.float64] | None = None
) -> Iterator[NDArray[np.uint8]]:
    """Draw a scene, frame by frame; frame k shows the time (k + 0.5) / frames_per_second.

    Args:
        scene: The scene.
        frames_per_second: Frames a second.
        height: Rows of a frame, even; the width is twice that.
        activity: How strongly each source swells in each frame, 0 to 1, shape (sources, frames), as from
            `render.activity`; None keeps sizes unaffected by sound.

    Yields:
        Equirectangular frames, shape (height, 2 * height, 3), uint8, RGB.

    Raises:
        ValueError: The activity has another shape.
    """
    count = max(1, round(scene.seconds * frames_per_second))
    if activity is not None and activity.shape != (len(scene.sources), count):
        raise ValueError(f"activity must be {(len(scene.sources), count)}, got {activity.shape}")
    times = np.asarray((np.arange(count) + 0.5) / frames_per_second, dtype=np.float64)
    behind = backdrop(scene, height)
    grain = _grain(scene.seed, height, scene.camera_noise)
    far_to_near = sorted(
        range(len(scene.sources)), key=lambda k: -float(scene.sources[k].path.distances.mean())
    )
    for number in range(count):
        frame = behind.copy()
        for index in far_to_near:
            source = scene.sources[index]
            at = times[number : number + 1]
            swell = 0.0 if activity is None else source.pulse * float(activity[index, number])
            size = float(source.angular_size(at)[0]) * (1 + swell)
            draw(frame, source.path.direction(at)[0], min(size, LARGEST), source.kind, source.look)
        rng = np.random.default_rng([scene.seed, 31, number])
        down, along = (int(shift) for shift in rng.integers(0, GRAIN_MARGIN, 2))
        noise = np.ascontiguousarray(grain[down : down + height, along : along + 2 * height])
        yield np.asarray(cv2.add(frame, noise, dtype=cv2.CV_8U), dtype=np.uint8)


def draw(frame: NDArray[np.uint8], centre: NDArray[np.float64], size: float, kind: str, variant: int) -> None:
    """Draw a look on the sphere in place, flat on the tangent plane at its centre (gnomonic projection).

    Args:
        frame: Equirectangular picture, shape (H, 2 H, 3), uint8.
        centre: Unit vector to the middle.
        size: Radians from edge to edge, below pi.
        kind: What to draw.
        variant: Which of its looks.
    """
    height, width = frame.shape[:2]
    rows, columns = _region(centre, size, height, width)
    right, up = _axes(centre)
    around = _directions(height, width)[rows][:, columns]
    ahead = around @ centre.astype(np.float32)
    scale = 1.0 / (np.tan(size / 2) * np.maximum(ahead, 1e-3))
    across, above = (around @ axis.astype(np.float32) * scale for axis in (right, up))
    layers = premultiplied(kind, variant, max(8, round(1.25 * size / np.pi * height)))
    side = len(layers)
    map_x = (0.5 * (across + 1) * side - 0.5).astype(np.float32)
    map_y = (0.5 * (1 - above) * side - 0.5).astype(np.float32)
    map_x[ahead <= 0] = -10.0
    seen = cv2.remap(layers, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    patch = frame[rows][:, columns]
    frame[rows, columns] = np.rint(patch * (1 - seen[..., 3:]) + seen[..., :3])


@lru_cache(maxsize=4)
def _directions(height: int, width: int) -> Picture:
    around = directions(height, width).astype(np.float32)
    around.setflags(write=False)
    return around


def _axes(centre: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The viewer's right and up at a direction; straight up or down, the front of the scene is up."""
    pole = np.array([0.0, 0.0, 1.0]) if np.hypot(centre[0], centre[1]) > 1e-3 else np.array([1.0, 0.0, 0.0])
    right = np.cross(centre, pole)
    right /= np.linalg.norm(right)
    return right, np.cross(right, centre)


def _region(
    centre: NDArray[np.float64], size: float, height: int, width: int
) -> tuple[slice, NDArray[np.int64]]:
    """Rows and columns (around the seam where need be) that can show a square of this size."""
    reach = float(np.arctan(np.sqrt(2.0) * np.tan(size / 2)))
    elevation = float(np.arcsin(np.clip(centre[2], -1, 1)))
    top = int(np.floor((np.pi / 2 - elevation - reach) / np.pi * height))
    bottom = int(np.ceil((np.pi / 2 - elevation + reach) / np.pi * height)) + 1
    rows = slice(max(0, top), min(height, bottom))
    if abs(elevation) + reach >= np.pi / 2:
        return rows, np.arange(width)
    half = float(np.arcsin(min(1.0, np.sin(reach) / np.cos(elevation)))) / (2 * np.pi) * width
    middle = (np.pi - np.arctan2(centre[1], centre[0])) / (2 * np.pi) * width
    columns = np.arange(int(np.floor(middle - half)), int(np.ceil(middle + half)) + 1)
    return rows, np.mod(columns[:width], width)


@lru_cache(maxsize=2)
def _grain(seed: int, height: int, deviation: float) -> NDArray[np.int16]:
    """A sheet of the sensor's noise, larger than a frame; each frame shows another part of it."""
    rng = np.random.default_rng([seed, 29])
    shape = (height + GRAIN_MARGIN, 2 * height + GRAIN_MARGIN, 3)
    sheet = rng.standard_normal(shape, dtype=np.float32) * np.float32(deviation)
    grain: NDArray[np.int16] = np.rint(sheet).astype(np.int16)
    return grain
