"""How a 360 picture is laid out: its projection, and which part of it belongs to which eye."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Projection = Literal["erp", "eac"]
StereoLayout = Literal["mono", "top-bottom", "left-right"]

_TOLERANCE = 0.02


@dataclass(frozen=True)
class Layout:
    """The layout of a picture.

    Attributes:
        projection: Equirectangular, equi-angular cubemap, or None when it does not look like 360.
        stereo: Where the left eye's view is.
        evidence: What this was concluded from, as a phrase.
    """

    projection: Projection | None
    stereo: StereoLayout
    evidence: str


def layout_from_shape(width: int, height: int) -> Layout:
    """Layout from the shape alone.

    2:1 is an equirectangular picture, 1:1 two of them on top of each other, 4:1 side by side; 3:2 is
    YouTube's equi-angular cubemap of 3x2 square faces.

    Args:
        width: Pixels.
        height: Pixels.

    Returns:
        The layout; its projection is None for any other shape.
    """
    shapes: tuple[tuple[float, Projection, StereoLayout, str], ...] = (
        (2.0, "erp", "mono", "2:1 pictures"),
        (1.5, "eac", "mono", "3:2 pictures (3x2 cube faces)"),
        (1.0, "erp", "top-bottom", "1:1 pictures (two 2:1 views, one above the other)"),
        (4.0, "erp", "left-right", "4:1 pictures (two 2:1 views side by side)"),
    )
    ratio = width / height
    for expected, projection, stereo, evidence in shapes:
        if abs(ratio / expected - 1) < _TOLERANCE:
            return Layout(projection, stereo, evidence)
    return Layout(None, "mono", f"{width}x{height} pictures")


def first_eye(image: NDArray[np.uint8], stereo: StereoLayout) -> NDArray[np.uint8]:
    """The left eye's view: the upper or the left half (Spherical Video V2 RFC, ``st3d``).

    Args:
        image: Shape (height, width, 3).
        stereo: Where the views are.

    Returns:
        The whole image if it is mono, else a view of one half.
    """
    if stereo == "top-bottom":
        return image[: image.shape[0] // 2]
    if stereo == "left-right":
        return image[:, : image.shape[1] // 2]
    return image
