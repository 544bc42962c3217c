"""The two pictures of a frame that the published model looks at, made as its authors made them.

Their geometry differs from the rest of this project by half a pixel: the grid of a view includes the edges of
the picture, and a pixel of an equirectangular frame is where its upper left corner is. Views are not smoothed
before they are sampled, and the frame is padded to a square, not squeezed into one. Both preprocessings keep
all of that, because the model was trained on it.
"""

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import torch
from scipy.spatial.transform import Rotation
from torch.nn import functional

from audiospace.panorama import SamplingGrid

Image = npt.NDArray[np.uint8]

FRONT_FOV = math.radians(120.0)
_JPEG_QUALITY = 95  # OpenCV's own default


def published_views(frame: Image, size: int) -> tuple[Image, Image]:
    """Make both views with the loss of the authors' intermediate files.

    The frame itself is expected to have been through a JPEG file: `audiospace.media.read_jpeg_frames`.

    Args:
        frame: An equirectangular frame, shape (H, W, 3), RGB.
        size: Rows and columns of the views.

    Returns:
        The padded panorama and the front view, each of shape (size, size, 3).
    """
    panorama, front = direct_views(frame, size)
    return panorama, _through_jpeg(front)


def direct_views(frame: Image, size: int) -> tuple[Image, Image]:
    """Make both views straight from decoded pixels.

    Args:
        frame: An equirectangular frame, shape (H, W, 3), RGB.
        size: Rows and columns of the views.

    Returns:
        The padded panorama and the front view, each of shape (size, size, 3).
    """
    grid = published_grid(0.0, 0.0, FRONT_FOV, size, frame.shape[:2])
    front = cv2.remap(frame, grid.map_x, grid.map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
    return clip_picture(pad_to_square(frame), size), np.asarray(front, dtype=np.uint8)


@lru_cache(maxsize=4)
def published_grid(
    azimuth: float, elevation: float, fov: float, size: int, source: tuple[int, ...]
) -> SamplingGrid:
    """Give the authors' grid of a square perspective view.

    Pixel i looks along x = 2 i / (size - 1) - 1 on a plane at distance 1 / tan(fov / 2), and longitude and
    latitude are scaled to the frame's size without the half pixel of `audiospace.panorama.pixel_of`.

    Args:
        azimuth: Where the camera looks, radians, left positive.
        elevation: Where the camera looks, radians, up positive.
        fov: Opening angle of both axes, radians, in (0, pi).
        size: Rows and columns of the view.
        source: Rows and columns of the frame.

    Returns:
        Positions in the frame, each of shape (size, size).
    """
    rows, columns = source
    along = np.linspace(-1.0, 1.0, size)
    right, down = np.meshgrid(along, along)
    rays = np.stack([right, down, np.full_like(right, 1.0 / math.tan(fov / 2.0))], axis=-1)
    # Axes here are right, down and forward, in which turning left and up are negative turns.
    turned = rays @ Rotation.from_euler("YX", [-azimuth, elevation]).as_matrix().T
    turned /= np.linalg.norm(turned, axis=-1, keepdims=True)
    longitude = np.arctan2(turned[..., 0], turned[..., 2])
    latitude = np.arcsin(turned[..., 1])
    map_x = (longitude / (2.0 * math.pi) + 0.5) * columns
    map_y = (latitude / math.pi + 0.5) * rows
    return SamplingGrid(map_x.astype(np.float32), map_y.astype(np.float32))


def pad_to_square(picture: Image) -> Image:
    """Put black above and below a wide picture, or beside a tall one, equally much on both sides.

    Args:
        picture: Shape (H, W, 3).

    Returns:
        A square picture; one pixel less than square where the difference is odd, as the authors have it.
    """
    rows, columns = picture.shape[:2]
    across, down = max(0, rows - columns) // 2, max(0, columns - rows) // 2
    return np.pad(picture, ((down, down), (across, across), (0, 0)))


def clip_picture(picture: Image, size: int) -> Image:
    """Do what CLIP's image processor does before it normalises: shrink the shorter side, cut out the middle.

    Resampling is bicubic with smoothing in proportion, as in Pillow (one level of 255 may differ here and
    there).

    Args:
        picture: Shape (H, W, 3).
        size: Rows and columns wanted.

    Returns:
        The picture, shape (size, size, 3).
    """
    rows, columns = picture.shape[:2]
    shorter = min(rows, columns)
    shape = [size * rows // shorter, size * columns // shorter]
    planes = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
    resized = functional.interpolate(planes, shape, mode="bicubic", antialias=True)[0].permute(1, 2, 0)
    top, left = (shape[0] - size) // 2, (shape[1] - size) // 2
    middle: Image = resized[top : top + size, left : left + size].numpy()
    return middle


def _through_jpeg(picture: Image) -> Image:
    """Code a picture as OpenCV writes it to a JPEG file, and decode it."""
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)[..., ::-1]
