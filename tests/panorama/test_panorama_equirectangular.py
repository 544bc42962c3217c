import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from audiospace.panorama import area_weights, directions, pixel_of, rotate, sample, shrink
from audiospace.panorama.sampling import SamplingGrid


def smooth_scene(height: int) -> np.ndarray:
    """A picture that is a smooth function of direction, without any symmetry."""
    return colours(directions(height, 2 * height))


def colours(d: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(d, -1, 0)
    planes = [np.sin(3 * x + 1) + y, np.cos(2 * y - z) + 0.5 * x, z * x + np.sin(2 * y)]
    return (127.0 + 50.0 * np.stack(planes, axis=-1)).astype(np.float32)


def rotation(*degrees: float) -> np.ndarray:
    return Rotation.from_euler("ZYX", degrees, degrees=True).as_matrix()


def test_the_centre_is_the_front_and_the_left_half_is_the_left():
    d = directions(180, 360)
    assert np.allclose(d[89:91, 179:181].mean(axis=(0, 1)), [1, 0, 0], atol=1e-3)
    assert d[90, 89] == pytest.approx([0, 1, 0], abs=0.02)
    assert d[0, 0, 2] > 0.99
    assert (d[:, :180, 1] > 0).all()


def test_pixel_of_inverts_directions():
    grid = pixel_of(directions(32, 64), 32, 64)
    assert np.allclose(grid.map_x, np.arange(64)[None, :], atol=1e-4)
    assert np.allclose(grid.map_y, np.arange(32)[:, None], atol=1e-4)


def test_area_weights_integrate_the_sphere():
    weights = area_weights(90, 180)
    d = directions(90, 180)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.allclose(np.einsum("hw,hwi,hwj->ij", weights, d, d), np.eye(3) / 3, atol=1e-3)


def test_a_yaw_of_90_degrees_moves_the_front_to_the_left():
    scene = smooth_scene(64)
    turned = rotate(scene, rotation(90, 0, 0))
    assert np.allclose(turned, np.roll(scene, -32, axis=1), atol=1e-2)


def test_any_rotation_shows_the_turned_scene_even_at_poles_and_seam():
    matrix = rotation(37, -50, 20)
    turned = rotate(smooth_scene(180), matrix, "cubic")
    expected = colours(directions(180, 360) @ matrix)
    assert np.abs(turned - expected).max() < 0.3


def test_rotating_back_restores_the_frames():
    scene = smooth_scene(180)
    matrix = rotation(120, 35, -80)
    assert np.abs(rotate(rotate(scene, matrix, "cubic"), matrix.T, "cubic") - scene).max() < 0.5


def test_rotate_refuses_what_is_no_rotation():
    with pytest.raises(ValueError, match="rotation"):
        rotate(smooth_scene(8), np.diag([1.0, -1.0, 1.0]))


def test_sampling_is_continuous_across_the_seam_and_the_poles():
    scene = smooth_scene(90)
    across = np.linspace(-0.5, 179.5, 2)
    left, right = (sample(scene, SamplingGrid(*_line(x, 90)))[:, 0] for x in across)
    assert np.allclose(left, right, atol=1e-3)
    over_pole = sample(scene, SamplingGrid(*_points([10.0, 100.0], [-0.5, -0.5])))
    assert np.allclose(over_pole[0, 0], over_pole[0, 1], atol=1e-3)


def _line(x: float, rows: int):
    return np.full((rows, 1), x, np.float32), np.arange(rows, dtype=np.float32)[:, None]


def _points(x: list[float], y: list[float]):
    return np.array([x], np.float32), np.array([y], np.float32)


def test_uint8_stays_uint8_and_times_keep_their_axis():
    frames = np.stack([smooth_scene(16).astype(np.uint8)] * 3)
    turned = rotate(frames, np.eye(3))
    assert turned.dtype == np.uint8
    assert np.array_equal(turned, frames)


def test_shrink_averages_and_never_enlarges():
    frames = np.zeros((1, 8, 16, 3), np.float32)
    frames[:, ::2] = 100.0
    assert np.allclose(shrink(frames, 4), 50.0)
    assert shrink(frames, 99) is frames
    with pytest.raises(ValueError, match="frames must be"):
        shrink(np.zeros((4, 8, 2), np.float32), 2)
