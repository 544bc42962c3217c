"""From a scene to the features that a real video of it would have."""

import numpy as np
from numpy.typing import NDArray

from audiospace.simulate import Scene
from audiospace.training.frame_times import scene_times
from audiospace.training.simulated_features.background import Background, draw_background
from audiospace.training.simulated_features.movement import draw_motion
from audiospace.training.simulated_features.realism import Realism
from audiospace.training.simulated_features.sightings import draw_sighting
from audiospace.training.simulated_features.views import all_views
from audiospace.vision import CATEGORIES, moments

FloatArray = NDArray[np.float32]
Array = NDArray[np.float64]

_STREAM = 43
_CLASS_FLOOR = 0.005
_SINGLE = ("fov", "panorama", "eac")


def simulate_features(
    scene: Scene,
    frames_per_second: float,
    *,
    seed: int = 0,
    tile_count: int = 24,
    realism: Realism | None = None,
) -> dict[str, FloatArray]:
    """Draw what `vision.extract` would give for a real video of a scene, without rendering it.

    Every view weighs evidence: of the surroundings, of the sources that it sees, and of everything silent.
    The masses are what a softmax makes of it, less the floor that `category_posterior` subtracts. So a source
    that is recognised displaces the background, and one that is not leaves it as it is.

    Args:
        scene: The scene. Sources are seen whether they sound or not; a room makes no difference.
        frames_per_second: Time steps per second; step k is seen at (k + 0.5) / frames_per_second.
        seed: Another seed draws other surroundings and another recogniser's mood for the same scene.
        tile_count: Tiles that cover the sphere, N.
        realism: How recogniser and world behave; None for what matches real videos.

    Returns:
        Branches 'tiles' (T, N, 29), 'sphere' (T, 4, 29), 'fov', 'panorama' and 'eac' (T, 28), float32, as
        `vision.extract` gives them.
    """
    how = Realism() if realism is None else realism
    rng = np.random.default_rng((scene.seed, _STREAM, seed))
    views = all_views(tile_count)
    times = scene_times(scene, frames_per_second)
    behind = draw_background(rng, scene, views, how, times)
    evidence = behind.categories
    for source in scene.sources:
        evidence = np.logaddexp(evidence, draw_sighting(rng, source, views, how, times))
    seen = recognised(Background(evidence, behind.silent))
    motion = draw_motion(rng, scene, views, how, times).astype(np.float32)
    tiles = np.concatenate([seen[:, :tile_count], motion[..., None]], axis=-1)
    single = {name: seen[:, tile_count + k] for k, name in enumerate(_SINGLE)}
    return {"tiles": tiles, "sphere": moments(tiles, views.tiling), **single}


def recognised(evidence: Background) -> FloatArray:
    """Turn evidence into the masses that `category_posterior` gives.

    Args:
        evidence: Of categories and of everything silent.

    Returns:
        Masses, shape (T, views, 28), their sum below 1. Small ones are exactly 0.
    """
    largest = np.maximum(evidence.categories.max(axis=-1), evidence.silent)
    categories = np.exp(evidence.categories - largest[..., None])
    silent = np.exp(evidence.silent - largest)
    mass: Array = categories / (categories.sum(axis=-1) + silent)[..., None]
    return np.maximum(mass - _floors(), 0.0).astype(np.float32)


def _floors() -> Array:
    """What the floor takes from each category: as if its mass were spread over a few of its classes."""
    sizes = np.array([len(category.indices) for category in CATEGORIES])
    floors: Array = _CLASS_FLOOR * np.sqrt(sizes)
    return floors
