"""Measured heads from SOFA files (AES69, "Spatially oriented format for acoustics").

Reading them needs the optional package `sofar`: the extra "sofa".
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import QhullError, SphericalVoronoi

from audiospace.ambisonics.harmonics import harmonics_of, unit_vector
from audiospace.ambisonics.head import EarResponses, SphericalHead, diffuse_field_power
from audiospace.errors import MissingExtraError, UserError

_CONVENTIONS = ("SimpleFreeFieldHRIR", "FreeFieldHRIR")
_ONSET = 0.3
"""Share of the peak of an impulse response at which the sound has arrived."""

_REFERENCE_BAND = np.geomspace(200.0, 8000.0, 48)
"""Hertz over which the level of a measured head is set: most measurements are sound there."""

_SAME_DIRECTION = 4
"""Decimals of a unit vector: directions that agree in these are one."""

_REMEDY = "Use a set of head-related impulse responses that covers the sphere (SimpleFreeFieldHRIR)"


@dataclass(frozen=True, eq=False)
class MeasuredHead:
    """A head whose impulse responses were measured.

    Attributes:
        directions: Unit vectors (x, y, z) of where the sounds come from, shape (k, 3).
        weights: Share of the sphere that each direction stands for, shape (k,), sum 1.
        impulse_responses: Of the left and the right ear, shape (2, k, taps).
        delays: Time to add to the impulse responses in seconds, shape (2, k), such that sound reaches the
            centre of the head at time zero.
        sample_rate: Samples per second of the impulse responses.
    """

    directions: NDArray[np.float64]
    weights: NDArray[np.float64]
    impulse_responses: NDArray[np.float64]
    delays: NDArray[np.float64]
    sample_rate: float

    def responses(self, frequencies: NDArray[np.float64]) -> EarResponses:
        """Give the responses of the two ears at the measured directions.

        Args:
            frequencies: Hertz, shape (f,). Above half the sample rate of the measurement the last response is
                held.

        Returns:
            Responses, on the scale of the measurement.
        """
        measured = np.minimum(frequencies, self.sample_rate / 2)[:, None]
        times = np.arange(self.impulse_responses.shape[-1]) / self.sample_rate
        kernel = np.exp(-2j * np.pi * measured * times)
        left, right = (
            (kernel @ responses.T) * np.exp(-2j * np.pi * measured * delays)
            for responses, delays in zip(self.impulse_responses, self.delays, strict=True)
        )
        return EarResponses(directions=self.directions, weights=self.weights, left=left, right=right)


def read_sofa(path: str | Path) -> MeasuredHead:
    """Read a measured head, to be given to `binaural`.

    Few sets are calibrated, so the level is set such that a diffuse field is as loud as through
    `SphericalHead`, and the common delay of the measurement is taken out.

    Args:
        path: A SOFA file with head-related impulse responses.

    Returns:
        The head.

    Raises:
        MissingExtraError: The package `sofar` is not installed.
        UserError: The file cannot be read, holds something else, or does not cover the sphere.
    """
    try:
        import sofar  # optional
    except ImportError as error:
        raise MissingExtraError("Reading SOFA files", "sofa") from error
    if not Path(path).is_file():
        raise UserError("there is no such file", file=path, remedy=_REMEDY)
    try:
        contents = sofar.read_sofa(str(path), verify=False, verbose=False)
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise UserError("not a readable SOFA file", file=path, remedy=_REMEDY) from error
    if getattr(contents, "GLOBAL_SOFAConventions", "") not in _CONVENTIONS:
        raise UserError("the SOFA file holds no head-related impulse responses", file=path, remedy=_REMEDY)
    try:
        return _measured_head(contents)
    except (ValueError, QhullError) as error:
        raise UserError(f"the SOFA file cannot be used: {error}", file=path, remedy=_REMEDY) from error


def _measured_head(contents: Any) -> MeasuredHead:  # noqa: ANN401 (sofar has no types)
    """Build a head from an open SOFA file."""
    sources = _cartesian(contents.SourcePosition, contents.SourcePosition_Type)
    ears = _cartesian(contents.ReceiverPosition, contents.ReceiverPosition_Type)
    responses = np.asarray(contents.Data_IR, dtype=np.float64)
    if responses.ndim != 3 or responses.shape[1] != 2 or len(ears) != 2:
        raise ValueError(f"expected responses of two ears, got shape {responses.shape}")
    left_first = np.argsort(-ears[:, 1])
    rate = float(np.ravel(contents.Data_SamplingRate)[0])
    delays = np.broadcast_to(np.asarray(contents.Data_Delay, dtype=np.float64), responses.shape[:2]) / rate
    kept = _farthest(sources)
    responses = np.moveaxis(responses[kept], 1, 0)[left_first]
    delays = delays[kept].T[left_first]
    directions = sources[kept] / np.linalg.norm(sources[kept], axis=-1, keepdims=True)
    head = MeasuredHead(
        directions=directions,
        weights=_area_weights(directions),
        impulse_responses=responses,
        delays=delays - np.mean(delays + _onsets(responses) / rate),
        sample_rate=rate,
    )
    power = np.mean(diffuse_field_power(head.responses(_REFERENCE_BAND)))
    wanted = np.mean(diffuse_field_power(SphericalHead().responses(_REFERENCE_BAND)))
    if not power > 0:
        raise ValueError("its impulse responses are silent or not finite")
    return replace(head, impulse_responses=responses * np.sqrt(wanted / power))


def _cartesian(positions: Any, kind: str) -> NDArray[np.float64]:  # noqa: ANN401 (sofar has no types)
    """Positions (k, 3) in metres from those of a SOFA file: same axes as ours, angles in degrees."""
    points = np.asarray(positions, dtype=np.float64)
    points = points[..., 0] if points.ndim == 3 else points
    if kind == "cartesian":
        return points
    return unit_vector(np.radians(points[:, 0]), np.radians(points[:, 1])) * points[:, 2:3]


def _farthest(sources: NDArray[np.float64]) -> NDArray[np.intp]:
    """Of the sources (k, 3) in the same direction, the index of the farthest; they stand for plane waves."""
    distances = np.linalg.norm(sources, axis=-1)
    if not np.all(distances > 0):
        raise ValueError("a source is at the centre of the head")
    order = np.argsort(-distances, kind="stable")
    directions = np.round(sources[order] / distances[order, None], _SAME_DIRECTION) + 0.0
    _, first = np.unique(directions, axis=0, return_index=True)
    return np.sort(order[first])


def _area_weights(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share (k,) of the sphere that is nearer to each direction (k, 3) than to the others."""
    if np.linalg.matrix_rank(harmonics_of(directions), tol=0.1) < 4:
        raise ValueError("its directions do not cover the sphere")
    areas = np.asarray(SphericalVoronoi(directions).calculate_areas(), dtype=np.float64)
    return np.asarray(areas / areas.sum())


def _onsets(responses: NDArray[np.float64]) -> NDArray[np.intp]:
    """First sample of each impulse response that reaches a share of its peak; (2, k) from (2, k, taps)."""
    strength = np.abs(responses)
    return np.asarray(np.argmax(strength >= _ONSET * strength.max(axis=-1, keepdims=True), axis=-1))
