"""What the motion meter would measure: of things that move, of the camera, and of what never rests."""

import numpy as np
from numpy.typing import NDArray

from audiospace.simulate import Scene, Source
from audiospace.training.simulated_features.randomness import over_sphere, over_time, spacing
from audiospace.training.simulated_features.realism import Realism
from audiospace.training.simulated_features.sightings import EXTENTS
from audiospace.training.simulated_features.views import Views

Array = NDArray[np.float64]

_PIXEL = np.radians(2.0)
_INTERVAL = 0.25
_BRISK = 0.5
_FASTEST = 3.0  # pixels per interval: what jumps farther looks no faster
_SHAKE_SECONDS = 0.4


def draw_motion(
    rng: np.random.Generator, scene: Scene, views: Views, realism: Realism, times: Array
) -> NDArray[np.float64]:
    """Draw the motion of each tile.

    Speeds in pixels of two degrees per quarter of a second are added up, the median tile is subtracted, and
    the rest saturates: as in `audiospace.vision.motion`.

    Args:
        rng: Source of randomness.
        scene: The scene.
        views: The views.
        realism: How the world moves.
        times: Seconds, evenly spaced, shape (T,).

    Returns:
        Shape (T, N), in [0, 1).
    """
    step = spacing(times)
    tiles = views.tiling.directions
    rate = realism.motion_floor + realism.motion_spread * rng.standard_normal()
    relief = realism.motion_relief * over_sphere(rng, tiles, realism.detail)
    restless = realism.motion_flicker * over_time(
        rng, len(times), step, realism.motion_flicker_seconds, len(tiles)
    )
    speed = np.exp(rate + relief + restless) * (1.0 + _shakes(rng, realism, times))[:, None]
    for source in scene.sources:
        speed = speed + _of_source(rng, source, tiles, realism, times)
    excess = np.maximum(speed - np.median(speed, axis=1, keepdims=True), 0.0)
    saturated: Array = 1.0 - np.exp(-excess / _BRISK)
    return saturated


def _shakes(rng: np.random.Generator, realism: Realism, times: Array) -> Array:
    """How much faster everything moves while the camera is shaken, shape (T,)."""
    count = int(rng.poisson(realism.shake * max(float(times[-1]), 1.0) / 10.0))
    starts = rng.uniform(0.0, float(times[-1]), count)
    strengths = rng.lognormal(1.5, 0.8, count)
    far = (times[:, None] - starts) / _SHAKE_SECONDS
    total: Array = (strengths * np.exp(-(far**2))).sum(axis=1)
    return total


def _of_source(
    rng: np.random.Generator, source: Source, tiles: Array, realism: Realism, times: Array
) -> Array:
    """Speed that a source adds to each tile, shape (T, N)."""
    here = source.path.direction(times)
    size = source.angular_size(times)
    if source.kind in EXTENTS:
        size = np.full(len(times), np.radians(EXTENTS[source.kind]))
    offset = np.arccos(np.clip(here @ tiles.T, -1.0, 1.0))
    share = 1.0 / (1.0 + np.exp((offset - np.radians(12.0) - size[:, None] / 2.0) / np.radians(6.0)))
    share *= np.minimum(1.0, (size[:, None] / np.radians(35.0)) ** 2)
    travel = np.zeros(len(times))
    if len(times) > 1:
        turned = np.arccos(np.clip(np.sum(here[1:] * here[:-1], axis=1), -1.0, 1.0))
        travel[1:] = turned / (times[1] - times[0]) * _INTERVAL / _PIXEL
        travel[0] = travel[1]
    step = spacing(times)
    waver = realism.motion_flicker * over_time(rng, len(times), step, realism.motion_flicker_seconds)
    own = np.exp(realism.own_motion + rng.standard_normal())
    contrast = realism.travel_motion * rng.lognormal(0.0, 0.6)
    added: Array = share * (np.exp(waver) * (contrast * np.minimum(travel, _FASTEST) + own))[:, None]
    return added
