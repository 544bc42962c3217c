"""What the recogniser takes the surroundings for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.simulate import KINDS, Scene
from audiospace.training.simulated_features.randomness import over_sphere, over_time, spacing
from audiospace.training.simulated_features.realism import Realism
from audiospace.training.simulated_features.views import Views

Array = NDArray[np.float64]

COMMON = {"people": 3, "boat": 2, "stage": 2, "wind": 2, "sea": 1.5, "water": 1.5, "road_vehicle": 1.5}
"""Categories that surroundings resemble more often than others, which have 1."""
_CAMERA_SECONDS = 4.0
_UNFAMILIAR = (0.5, 0.5, 1.4)
"""Nats more for everything silent in pictures unlike photographs: `fov`, `panorama`, `eac`."""


@dataclass(frozen=True, eq=False)
class Background:
    """Evidence without sources, in nats.

    Attributes:
        categories: For each category, shape (T, views, 28).
        silent: For everything that makes no sound, shape (T, views).
    """

    categories: Array
    silent: Array


def draw_background(
    rng: np.random.Generator, scene: Scene, views: Views, realism: Realism, times: Array
) -> Background:
    """Draw what surrounds a scene: a few categories, smooth over the sphere, at home at some height.

    Surroundings that look like one category all around look like what sounds in them, if anything does.

    Args:
        rng: Source of randomness.
        scene: The scene.
        views: The views.
        realism: How the background behaves.
        times: Seconds, evenly spaced, shape (T,).

    Returns:
        The background.
    """
    kinds = _resembled(rng, realism)
    place = _places(rng, views, realism, times, len(KINDS) + 1)
    level = realism.chatter + realism.chatter_relief * rng.standard_normal(len(KINDS))
    relief, slope = np.full(len(KINDS), realism.chatter_relief), np.zeros(len(KINDS))
    level[kinds] = realism.background + realism.background_spread * rng.standard_normal(len(kinds))
    relief[kinds] = realism.background_relief
    slope[kinds] = realism.background_relief * rng.standard_normal(len(kinds))
    if rng.random() < realism.immersed:
        level[_surroundings(rng, scene)] = realism.immersion + rng.standard_normal()
    shimmer = over_time(
        rng, len(times), spacing(times), realism.shimmer_seconds, len(views.openings), len(KINDS)
    )
    categories = level + relief * place[..., 1:] + slope * views.directions[:, 2:] + realism.shimmer * shimmer
    silent = realism.silent_relief * place[..., 0] + realism.busy_spread * rng.standard_normal()
    height = views.directions[:, 2]
    silent = silent + realism.silent_poles * height**2 + realism.silent_sky * height
    silent[:, views.tiling.count :] += _UNFAMILIAR
    return Background(categories, silent)


def _surroundings(rng: np.random.Generator, scene: Scene) -> int:
    """Number of the category that surroundings look like all around."""
    sounding = [KINDS.index(source.kind) for source in scene.sources if source.sounding]
    return int(rng.choice(sounding or len(KINDS)))


def _resembled(rng: np.random.Generator, realism: Realism) -> NDArray[np.intp]:
    """Numbers of the categories that the surroundings resemble."""
    likely = np.array([COMMON.get(kind, 1.0) for kind in KINDS])
    count = int(np.clip(rng.poisson(realism.background_count), 1, len(KINDS)))
    return rng.choice(len(KINDS), count, replace=False, p=likely / likely.sum())


def _places(rng: np.random.Generator, views: Views, realism: Realism, times: Array, series: int) -> Array:
    """Smooth random functions over the sphere, changing if the camera travels, shape (T, views, series)."""
    still = over_sphere(rng, views.directions, realism.detail, series)
    if rng.random() >= realism.travelling:
        return np.broadcast_to(still, (len(times), *still.shape))
    other = over_sphere(rng, views.directions, realism.detail, series)
    angle = 0.8 * over_time(rng, len(times), spacing(times), _CAMERA_SECONDS)[:, None, None]
    moving: Array = np.cos(angle) * still + np.sin(angle) * other
    return moving
