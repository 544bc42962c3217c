import math

import numpy as np
import pytest

from audiospace.panorama import directions, sphere_tiling
from audiospace.vision import MotionMeter, tile_motion

TILING = sphere_tiling()
D = directions(90, 180)


def scene(azimuths: np.ndarray, *, turn: float = 0.0, light: np.ndarray | None = None) -> np.ndarray:
    """A textured room with a dark ball at the horizon, one frame per azimuth (radians)."""
    frames = []
    for k, azimuth in enumerate(azimuths):
        angle = np.arctan2(D[..., 1], D[..., 0]) - turn * k
        grey = 120 + 40 * np.sin(6 * angle) * np.sqrt(1 - D[..., 2] ** 2) + 25 * np.sin(9 * D[..., 2])
        ball = D @ np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
        grey = np.where(ball > math.cos(math.radians(10)), 20.0, grey)
        frames.append(np.clip(grey * (1.0 if light is None else light[k]), 0, 255))
    return np.repeat(np.stack(frames)[..., None], 3, axis=-1).astype(np.uint8)


def times(count: int) -> np.ndarray:
    return (np.arange(count) + 0.5) / 4.0


def direction_of(motion: np.ndarray) -> np.ndarray:
    angles = (motion.sum(axis=0) * TILING.weights) @ TILING.directions
    return angles / np.linalg.norm(angles)


def test_a_moving_ball_is_found():
    azimuths = np.radians(90 + 6 * np.arange(5))
    motion = tile_motion(scene(azimuths), times(5), TILING)
    assert motion.shape == (5, 24)
    assert 0 <= motion.min()
    assert motion.max() < 1
    assert direction_of(motion) @ [math.cos(math.radians(102)), math.sin(math.radians(102)), 0] > 0.97
    assert np.array_equal(motion[0], motion[1])


def test_nothing_moves_in_a_still_scene():
    assert tile_motion(scene(np.zeros(3)), times(3), TILING).max() == 0.0


def test_flicker_is_not_motion():
    still = scene(np.zeros(6), light=np.array([1.0, 0.8, 1.1, 0.9, 1.0, 0.7]))
    moving = scene(np.radians(6.0 * np.arange(6)))
    assert tile_motion(still, times(6), TILING).mean() < 0.1 * tile_motion(moving, times(6), TILING).mean()


def test_a_turning_camera_does_not_hide_the_ball():
    motion = tile_motion(scene(np.radians(-60 - 8 * np.arange(5)), turn=math.radians(1)), times(5), TILING)
    assert direction_of(motion) @ [math.cos(math.radians(-76)), math.sin(math.radians(-76)), 0] > 0.9


def test_speed_does_not_depend_on_the_frame_rate():
    slow = tile_motion(scene(np.radians(2.0 * np.arange(9))), times(9), TILING)
    fast = tile_motion(scene(np.radians(1.0 * np.arange(17))), np.arange(17) / 8.0, TILING)
    assert fast.mean() == pytest.approx(slow.mean(), rel=0.05)


def test_frames_may_arrive_a_few_at_a_time():
    frames = scene(np.radians(5.0 * np.arange(5)))
    meter = MotionMeter(TILING)
    parts = [meter.measure(frames[:2], times(5)[:2]), meter.measure(frames[2:], times(5)[2:])]
    assert np.array_equal(np.concatenate(parts), tile_motion(frames, times(5), TILING))


def test_a_single_frame_does_not_move():
    assert tile_motion(scene(np.zeros(1)), times(1), TILING).max() == 0.0


def test_time_must_go_on():
    with pytest.raises(ValueError, match="increase"):
        tile_motion(scene(np.zeros(2)), np.zeros(2), TILING)
