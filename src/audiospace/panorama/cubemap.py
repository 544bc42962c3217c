"""The equi-angular cubemap (EAC) in the 3x2 layout in which YouTube stores 360 video.

Top row: left, front, right, upright. Bottom row: down, back, up, turned by a quarter so that each row is one
unbroken strip; there, the top of every face is the listener's right. Along a face, pixels step through equal
angles: the pixel at position p in [-1, 1] looks along tan(p pi/4). Two pixels of padding surround each row of
faces, as FFmpeg's `v360` filter assumes of YouTube's files.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from audiospace.panorama.equirectangular import directions, pixel_of
from audiospace.panorama.sampling import Interpolation, Pixel, SamplingGrid, sample, sample_flat, shrink

YOUTUBE_PADDING = 2
_MARGIN = 4  # pixels that each face is continued by, so that the widest kernel never leaves it


class _Face(NamedTuple):
    """A face's place in the layout, and its axes as pictured: into the picture, to its right, to its top."""

    row: int
    column: int
    forward: tuple[int, int, int]
    right: tuple[int, int, int]
    up: tuple[int, int, int]


_FACES = (
    _Face(0, 0, (0, 1, 0), (1, 0, 0), (0, 0, 1)),
    _Face(0, 1, (1, 0, 0), (0, -1, 0), (0, 0, 1)),
    _Face(0, 2, (0, -1, 0), (-1, 0, 0), (0, 0, 1)),
    _Face(1, 0, (0, 0, -1), (-1, 0, 0), (0, -1, 0)),
    _Face(1, 1, (-1, 0, 0), (0, 0, 1), (0, -1, 0)),
    _Face(1, 2, (0, 0, 1), (1, 0, 0), (0, -1, 0)),
)


class _Layout(NamedTuple):
    """Size of a cubemap frame: what one face measures, and the padding around the rows of faces."""

    height: int
    width: int
    padding: int

    @property
    def face_width(self) -> float:
        return (self.width - 2 * self.padding) / 3.0

    @property
    def face_height(self) -> float:
        return self.height / 2.0 - 2.0 * self.padding

    def corner(self, face: _Face) -> tuple[float, float]:
        """Left and top edge of a face, in pixels from the frame's edges."""
        return self.padding + face.column * self.face_width, self.padding + face.row * self.height / 2.0


def erp_to_eac(
    frames: npt.NDArray[Pixel],
    face: int,
    *,
    padding: int = YOUTUBE_PADDING,
    interpolation: Interpolation = "cubic",
) -> npt.NDArray[Pixel]:
    """Lay equirectangular frames out as equi-angular cubemaps.

    Args:
        frames: Equirectangular frames, shape (H, W, 3) or (T, H, W, 3).
        face: Rows and columns of one face, pixels.
        padding: Pixels around each row of faces, 0 for none.
        interpolation: The kernel.

    Returns:
        Cubemaps, (2 * face + 4 * padding, 3 * face + 2 * padding, 3) or with a leading T, of the frames'
        type.

    Raises:
        ValueError: If the frames have another shape.
    """
    layout = _Layout(2 * face + 4 * padding, 3 * face + 2 * padding, padding)
    small = shrink(frames, math.ceil(2.5 * face))
    rows, columns = small.shape[-3:-1]
    return sample(small, _erp_to_eac_grid(layout, rows, columns), interpolation)


def eac_to_erp(
    frames: npt.NDArray[Pixel],
    height: int,
    *,
    padding: int = YOUTUBE_PADDING,
    interpolation: Interpolation = "cubic",
) -> npt.NDArray[Pixel]:
    """Unroll equi-angular cubemaps into equirectangular frames, without steps where faces meet.

    Args:
        frames: Cubemaps, shape (H, W, 3) or (T, H, W, 3); faces need not be square.
        height: Rows of the result; it has twice as many columns.
        padding: Pixels around each row of faces, 0 for none.
        interpolation: The kernel.

    Returns:
        Equirectangular frames, (height, 2 * height, 3) or (T, height, 2 * height, 3), of the frames' type.

    Raises:
        ValueError: If the frames have another shape, or are too small to hold faces.
    """
    rows, columns = frames.shape[-3:-1]
    layout = _Layout(rows, columns, padding)
    if min(layout.face_width, layout.face_height) < 1.0:
        raise ValueError(f"frames of {columns}x{rows} pixels are too small for a cubemap")
    fine = height * max(1, round(1.6 * layout.face_height / height))
    atlas = sample_flat(frames, _atlas_grid(layout), "linear")
    return shrink(sample_flat(atlas, _atlas_to_erp_grid(layout, fine), interpolation), height)


@lru_cache(maxsize=4)
def _erp_to_eac_grid(layout: _Layout, height: int, width: int) -> SamplingGrid:
    rays = np.empty((layout.height, layout.width, 3))
    band = layout.height // 2
    edges = np.linspace(layout.padding, layout.width - layout.padding, 4).round().astype(int)
    edges[0], edges[-1] = 0, layout.width
    for face in _FACES:
        left, top = layout.corner(face)
        columns = np.arange(edges[face.column], edges[face.column + 1])
        rows = np.arange(face.row * band, (face.row + 1) * band)
        across = 2.0 * (columns + 0.5 - left) / layout.face_width - 1.0
        down = 2.0 * (rows + 0.5 - top) / layout.face_height - 1.0
        rays[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = _face_rays(face, across, down)
    return pixel_of(rays, height, width)


def _face_rays(
    face: _Face, across: npt.NDArray[np.floating[Any]], down: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.float64]:
    """Directions at positions on a face, -1 to 1 from edge to edge; a little outside works too."""
    x = np.tan(across * np.pi / 4.0)[None, :, None] * np.array(face.right)
    y = np.tan(-down * np.pi / 4.0)[:, None, None] * np.array(face.up)
    rays: npt.NDArray[np.float64] = np.array(face.forward) + x + y
    return rays


def _locate(
    rays: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Find the face that sees each direction, and the position on it, -1 to 1 to the right and downwards."""
    axes = np.array([(face.forward, face.right, face.up) for face in _FACES], dtype=np.float64)
    number = np.argmax(rays @ axes[:, 0].T, axis=-1)
    depth, right, up = (np.einsum("hwc,hwc->hw", rays, axes[number, axis]) for axis in range(3))
    across = np.arctan2(right, depth) * 4.0 / np.pi
    down = -np.arctan2(up, depth) * 4.0 / np.pi
    return number, across, down


def _whole(layout: _Layout) -> tuple[int, int]:
    """Rows and columns of one face of the atlas, without its margin."""
    return round(layout.face_height), round(layout.face_width)


@lru_cache(maxsize=4)
def _atlas_grid(layout: _Layout) -> SamplingGrid:
    """Copy the six faces under each other, each continued into its neighbours by a margin."""
    rows, columns = _whole(layout)
    across = 2.0 * (np.arange(-_MARGIN, columns + _MARGIN) + 0.5) / columns - 1.0
    down = 2.0 * (np.arange(-_MARGIN, rows + _MARGIN) + 0.5) / rows - 1.0
    rays = np.concatenate([_face_rays(face, across, down) for face in _FACES])
    number, across_there, down_there = _locate(rays)
    corners = np.array([layout.corner(face) for face in _FACES])[number]
    # Stay between the centres of a face's outermost pixels, so that no other face is mixed in.
    x = np.clip((across_there + 1.0) / 2.0 * layout.face_width - 0.5, 0.0, layout.face_width - 1.0)
    y = np.clip((down_there + 1.0) / 2.0 * layout.face_height - 0.5, 0.0, layout.face_height - 1.0)
    return SamplingGrid((x + corners[..., 0]).astype(np.float32), (y + corners[..., 1]).astype(np.float32))


@lru_cache(maxsize=4)
def _atlas_to_erp_grid(layout: _Layout, height: int) -> SamplingGrid:
    rows, columns = _whole(layout)
    number, across, down = _locate(directions(height, 2 * height))
    x = (across + 1.0) / 2.0 * columns - 0.5 + _MARGIN
    y = (down + 1.0) / 2.0 * rows - 0.5 + _MARGIN + number * (rows + 2 * _MARGIN)
    return SamplingGrid(x.astype(np.float32), y.astype(np.float32))
