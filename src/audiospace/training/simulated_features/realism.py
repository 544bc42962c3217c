"""The numbers that make simulated features look like those of real videos.

Evidence is in nats: the logarithm of a category's mass before it is normalised, against 0 for everything
silent. `benchmarks/feature_match.py` compares what comes out with real videos; the defaults were chosen with
it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Realism:
    """How the recogniser and the world behave.

    Attributes:
        recognition: Mean evidence of a source that fills a tile's middle.
        recognition_spread: Its standard deviation between sources: some are never recognised.
        flicker: Standard deviation of a source's evidence over time.
        flicker_seconds: Time over which it changes.
        tile_flicker: Standard deviation, between tiles that see the same source, of a source's evidence.
        misnamed: Probability that a source is taken for one of its neighbours altogether.
        shared: Mean evidence that a source lends to its nearest neighbour, relative to its own.
        size_spread: Standard deviation of the logarithm of the true to the planned apparent size.
        size_gain: Evidence lost when the apparent size halves, below the size that fills a tile.
        background: Mean evidence of a category that the background resembles.
        background_spread: Its standard deviation between categories and scenes.
        background_relief: Standard deviation of a background category's evidence over the sphere.
        background_count: Mean number of categories that the background of a scene resembles.
        chatter: Mean evidence of every other category: the recogniser is never quite sure of nothing.
        chatter_relief: Standard deviation of that over the sphere, and between categories.
        immersed: Probability that surroundings look like one category all around, as under water.
        immersion: Mean evidence of that category.
        busy_spread: Standard deviation, between scenes, of the evidence of everything silent.
        silent_relief: Standard deviation over the sphere of the evidence of everything silent.
        silent_poles: How much more of it there is straight up and down than along the horizon.
        silent_sky: How much more of it there is straight up than along the horizon, and less straight down.
        detail: How finely surroundings are structured: radians of phase per unit of length of the sphere.
        extended: Evidence of an extended source relative to others.
        patchiness: Standard deviation over the sphere of an extended source's evidence.
        shimmer: Standard deviation over time of a background's evidence in a tile.
        shimmer_seconds: Time over which it changes.
        travelling: Probability that the camera travels, so that the background changes.
        travel_motion: Share of a source's speed that its tile shows.
        motion_flicker: Standard deviation over time of the logarithm of a tile's motion.
        motion_flicker_seconds: Time over which it changes.
        own_motion: Mean logarithm of the motion of a source that stays, in pixels of the motion meter.
        motion_floor: Mean over scenes of the logarithm of the background's motion.
        motion_spread: Standard deviation of that between scenes.
        motion_relief: Standard deviation of the logarithm of the background's motion over the sphere.
        shake: Mean number of shakes of the camera in ten seconds.
    """

    recognition: float = 0.6
    recognition_spread: float = 2.5
    flicker: float = 0.72
    flicker_seconds: float = 3.0
    tile_flicker: float = 0.59
    misnamed: float = 0.12
    shared: float = -3.8
    size_spread: float = 0.4
    size_gain: float = 0.99
    background: float = -5.2
    background_spread: float = 0.84
    background_relief: float = 1.2
    background_count: float = 6.0
    chatter: float = -5.0
    chatter_relief: float = 0.9
    immersed: float = 0.23
    immersion: float = -0.16
    busy_spread: float = 0.3
    silent_relief: float = 0.3
    silent_poles: float = 0.8
    silent_sky: float = 0.4
    detail: float = 4.9
    extended: float = -0.93
    patchiness: float = 0.67
    shimmer: float = 0.6
    shimmer_seconds: float = 1.2
    travelling: float = 0.26
    travel_motion: float = 0.1
    motion_flicker: float = 0.46
    motion_flicker_seconds: float = 0.14
    own_motion: float = -3.3
    motion_floor: float = -3.8
    motion_spread: float = 0.75
    motion_relief: float = 0.28
    shake: float = 1.0
