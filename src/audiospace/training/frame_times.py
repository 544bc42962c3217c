"""When the steps of a sequence of features are seen."""

import numpy as np
from numpy.typing import NDArray


def frame_times(count: int, frames_per_second: float) -> NDArray[np.float64]:
    """The middles of equal intervals, in seconds, shape (count,)."""
    return np.asarray((np.arange(count) + 0.5) / frames_per_second, dtype=np.float64)
