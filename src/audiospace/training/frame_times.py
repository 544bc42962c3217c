"""When the steps of a sequence of features are seen."""

import numpy as np
from numpy.typing import NDArray

from audiospace.simulate import Scene


def frame_times(count: int, frames_per_second: float) -> NDArray[np.float64]:
    """The middles of equal intervals, in seconds, shape (count,)."""
    return np.asarray((np.arange(count) + 0.5) / frames_per_second, dtype=np.float64)


def scene_times(scene: Scene, frames_per_second: float) -> NDArray[np.float64]:
    """When the steps of a whole scene's features are seen: at least one, in seconds, shape (steps,)."""
    return frame_times(max(1, round(scene.seconds * frames_per_second)), frames_per_second)
