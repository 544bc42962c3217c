import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from safetensors.numpy import load_file

from audiospace.panorama import directions
from audiospace.vision.published_views import (
    FRONT_FOV,
    clip_picture,
    direct_views,
    pad_to_square,
    published_grid,
    published_views,
)

GOLDEN = load_file(Path(__file__).parent / "golden" / "published_views.safetensors")


def smooth(height=96, width=192):
    """A frame whose red grows to the left, green to the top and blue to the front."""
    d = directions(height, width)
    return np.stack([127 + 120 * d[..., 1], 127 + 120 * d[..., 2], 127 + 120 * d[..., 0]], -1).astype(
        np.uint8
    )


@pytest.mark.parametrize(("theta", "phi"), [(0, 0), (90, 30), (180, 0)])
def test_the_authors_grid_and_pixels(theta, phi):
    """Their theta turns to the left, their phi down."""
    frame = GOLDEN["persp.equi_bgr"]
    grid = published_grid(math.radians(theta), math.radians(-phi), FRONT_FOV, 224, frame.shape[:2])
    name = f"persp.t{theta}p{phi}"
    assert np.abs(grid.map_x[::7, ::7] - GOLDEN[f"{name}.map_x_every7"]).max() < 1e-3
    assert np.abs(grid.map_y[::7, ::7] - GOLDEN[f"{name}.map_y_every7"]).max() < 1e-3
    view = cv2.remap(frame, grid.map_x, grid.map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
    difference = np.abs(view[::3, ::3].astype(int) - GOLDEN[f"{name}.img_every3"])
    assert difference.max() <= 2
    assert difference.mean() < 0.3


def test_the_front_view_is_the_authors_pixels():
    frame = GOLDEN["persp.equi_bgr"]
    difference = np.abs(direct_views(frame, 224)[1][::3, ::3].astype(int) - GOLDEN["persp.t0p0.img_every3"])
    assert difference.max() <= 2


@pytest.mark.parametrize(("width", "height"), [(33, 64), (64, 33), (64, 36)])
def test_padding(width, height):
    picture = np.full((height, width, 3), 200, np.uint8)
    padded = pad_to_square(picture)
    assert list(padded.shape[1::-1]) == list(GOLDEN[f"pad.{width}x{height}_out_wh"])
    down, across = (padded.shape[0] - height) // 2, (padded.shape[1] - width) // 2
    assert np.array_equal(padded[down : down + height, across : across + width], picture)
    assert padded.sum() == picture.sum()


def test_left_is_left_and_up_is_up():
    _, front = direct_views(smooth(), 224)
    assert front[112, 0, 0] > 200
    assert front[112, -1, 0] < 60
    assert front[0, 112, 1] > 200
    assert front[-1, 112, 1] < 60
    assert front[112, 112, 2] > 240


def test_a_frame_fills_the_middle_half_of_the_panorama():
    panorama, _ = direct_views(np.full((96, 192, 3), 90, np.uint8), 224)
    assert panorama.shape == (224, 224, 3)
    assert np.array_equal(panorama[58:166], np.full((108, 224, 3), 90, np.uint8))
    assert panorama[:54].max() == panorama[170:].max() == 0
    squeezed, _ = direct_views(np.full((108, 192, 3), 90, np.uint8), 224)
    assert squeezed[51:173].min() == 90


def test_the_cut_is_the_middle_of_the_shorter_side():
    picture = np.zeros((30, 90, 3), np.uint8)
    picture[:, 30:60] = 255
    assert clip_picture(picture, 30).min() == 255
    assert np.array_equal(clip_picture(picture[:, 30:60], 30), picture[:, 30:60])
    odd = pad_to_square(np.full((33, 64, 3), 7, np.uint8))
    assert clip_picture(odd, 224).shape == (224, 224, 3)


def bicubic(signal: np.ndarray, size: int) -> np.ndarray:
    """Keys' kernel with a = -1/2, stretched by the ratio, along the first axis and to whole levels."""
    ratio = len(signal) / size
    stretch = max(1.0, ratio)
    positions = (np.arange(size) + 0.5) * ratio
    x = np.abs((np.arange(len(signal)) + 0.5 - positions[:, None]) / stretch)
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    kernel = np.where(x < 1, near, np.where(x < 2, far, 0))
    return np.tensordot(kernel / kernel.sum(axis=1, keepdims=True), signal, axes=1).clip(0, 255).round()


@pytest.mark.parametrize("side", [57, 224, 301, 700])
def test_resampling_is_bicubic_and_smoothed_in_proportion(side):
    picture = np.random.default_rng(side).integers(0, 256, (side, side, 3), dtype=np.uint8)
    across = bicubic(picture.astype(float).swapaxes(0, 1), 224).swapaxes(0, 1)
    difference = np.abs(clip_picture(picture, 224) - bicubic(across, 224))
    assert difference.max() <= 2
    assert difference.mean() < 0.05


def test_published_views_lose_what_a_jpeg_file_loses():
    frame = smooth()
    panorama, front = published_views(frame, 224)
    exact_panorama, exact_front = direct_views(frame, 224)
    assert np.array_equal(panorama, exact_panorama)
    assert not np.array_equal(front, exact_front)
    assert np.abs(front.astype(int) - exact_front).mean() < 1.5
    _, data = cv2.imencode(".jpg", exact_front[..., ::-1])
    assert np.array_equal(front, cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
