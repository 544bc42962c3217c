"""What the recogniser makes of one source: how well each view sees it, and what it is taken for."""

import numpy as np
from numpy.typing import NDArray

from audiospace.simulate import KINDS, Source
from audiospace.training.simulated_features.confusions import neighbours
from audiospace.training.simulated_features.randomness import over_sphere, over_time, spacing
from audiospace.training.simulated_features.realism import Realism
from audiospace.training.simulated_features.views import Views

Array = NDArray[np.float64]

EXTENTS = {"sea": 120.0, "rain": 130.0, "wind": 130.0, "crowd": 100.0, "stage": 60.0, "water": 70.0}
"""Kinds that surround more than they stand somewhere: degrees from edge to edge."""
HARD = {"rain": -1.5, "wind": -0.8, "whale": -0.5, "fire": -0.5, "water": -0.4, "chainsaw": -0.5}
"""Kinds that ImageNet hardly has: nats less evidence."""
_FILLING = 0.75  # share of a view's opening that a thing of the best size takes up
_EDGE = np.radians(5.0)
_STEEPNESS = 1.5
_BLIND = -14.0


def seen_share(offset: Array, size: Array, openings: Array) -> Array:
    """How well views see a thing, from where it is and how large it looks, in nats.

    Inside a view the place hardly matters; past its edge the evidence falls steeply, later for large things.

    Args:
        offset: Angle between the middle of the view and the thing, radians, shape (T, views).
        size: Angle that the thing subtends, radians, shape (T,).
        openings: Opening angle of the views, radians, shape (views,).

    Returns:
        At most 0, shape (T, views).
    """
    reach = openings / 2.0 + 0.2 * size[:, None]
    beyond = (offset - reach) / _EDGE
    outside: Array = -_STEEPNESS * np.logaddexp(0.0, beyond)
    return np.maximum(outside, _BLIND)


def draw_sighting(
    rng: np.random.Generator, source: Source, views: Views, realism: Realism, times: Array
) -> Array:
    """Draw the evidence that a source adds.

    Args:
        rng: Source of randomness.
        source: The source.
        views: The views.
        realism: How the recogniser behaves.
        times: Seconds, evenly spaced, shape (T,).

    Returns:
        Evidence for each category, nats, shape (T, views, 28).
    """
    step = spacing(times)
    size = apparent_size(rng, source, realism, times)
    seen = seen_share(views.offsets(source.path.direction(times)), size, views.openings)
    fills = size[:, None] / (_FILLING * views.openings)
    seen = seen + realism.size_gain * np.log2(np.clip(fills, 0.05, 1.0))
    peak = (
        realism.recognition + HARD.get(source.kind, 0.0) + realism.recognition_spread * rng.standard_normal()
    )
    wavers = realism.flicker * over_time(rng, len(times), step, realism.flicker_seconds)[:, None]
    if source.kind in EXTENTS:
        seen = (
            seen + realism.extended + realism.patchiness * over_sphere(rng, views.directions, realism.detail)
        )
    count = len(views.openings)
    apart = 0.7 * over_sphere(rng, views.directions, realism.detail) + 0.7 * over_time(
        rng, len(times), step, realism.flicker_seconds, count
    )
    here = peak + seen + wavers + realism.tile_flicker * apart
    return here[..., None] + taken_for(rng, source.kind, realism)


def apparent_size(rng: np.random.Generator, source: Source, realism: Realism, times: Array) -> Array:
    """Angle that a source subtends, radians, shape (T,): as planned but for a factor, or a kind's extent."""
    factor = float(np.exp(realism.size_spread * rng.standard_normal()))
    if source.kind in EXTENTS:
        return np.full(len(times), np.clip(np.radians(EXTENTS[source.kind]) * factor, 0.3, np.pi))
    return np.clip(source.angular_size(times) * factor, np.radians(5.0), np.radians(120.0))


def taken_for(rng: np.random.Generator, kind: str, realism: Realism) -> Array:
    """Draw what a source is taken for: evidence of each category relative to its own name's, shape (28,)."""
    number = KINDS.index(kind)
    likely = neighbours()[number]
    if rng.random() < realism.misnamed:
        number = int(rng.choice(len(KINDS), p=likely))
        likely = neighbours()[number]
    relative: Array = np.log(likely / likely.max() + 1e-9) + realism.shared + rng.standard_normal(len(KINDS))
    relative[number] = 0.0
    return relative
