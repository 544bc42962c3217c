import numpy as np
import pytest

from audiospace.media import Frame
from audiospace.panorama import directions, sphere_tiling
from audiospace.vision import MotionMeter
from audiospace.vision.glance import glance, looks_due

DOG = 151


class RedIsDog:
    """Takes how red a view is for the probability that it shows a dog."""

    id, dimensions, size = "red", 1000, 32

    def encode(self, views):
        assert views.shape[1:] == (32, 32, 3)
        posterior = np.zeros((len(views), 1000), dtype=np.float32)
        posterior[:, DOG] = views[..., 0].mean((1, 2)) / 255
        return posterior


def picture(towards=None, colour=(255, 0, 0), height=90, width_of_spot=0.5):
    image = np.random.default_rng(0).integers(40, 60, (height, 2 * height, 3), dtype=np.uint8)
    image[..., 0] = 0
    if towards is not None:
        image[directions(height, 2 * height) @ towards > np.cos(width_of_spot)] = colour
    return image


def frames_of(images, rate=12):
    return [Frame((k + 0.5) / rate, image) for k, image in enumerate(images)]


def towards(azimuth):
    return np.array([np.cos(azimuth), np.sin(azimuth), 0.0])


def test_shapes_times_and_ranges():
    frames = frames_of([picture(towards(k / 10)) for k in range(24)])
    seen = glance(frames, 2.0, RedIsDog())
    assert seen.motion.shape == (24, 24)
    assert seen.categories.shape == (3, 24, 28)
    assert seen.motion.dtype == seen.change.dtype == seen.categories.dtype == np.float32
    assert np.allclose(seen.times, (np.arange(24) + 0.5) / 12)
    assert np.allclose(seen.looks, [0.375, 1.04166667, 1.70833333])
    assert 0 <= seen.motion.min() <= seen.motion.max() < 1
    assert seen.weights.sum() == pytest.approx(1)
    assert np.allclose(np.linalg.norm(seen.directions, axis=1), 1)


@pytest.mark.parametrize("azimuth", [0.0, np.pi / 2, -np.pi / 2, np.pi])
def test_what_is_recognised_is_where_it_is(azimuth):
    seen = glance(frames_of([picture(towards(azimuth))] * 3), 0.25, RedIsDog())
    mass = seen.categories.sum((0, 2))
    assert np.allclose(seen.directions[mass.argmax()], towards(azimuth), atol=1e-6)
    assert seen.categories[..., 0].sum() == pytest.approx(seen.categories.sum())


def test_motion_is_that_of_the_meter_and_where_something_moves():
    images = [picture(towards(np.pi / 2 + 0.02 * (-1) ** k), width_of_spot=0.4) for k in range(6)]
    frames = frames_of(images)
    seen = glance(frames, 0.5, RedIsDog())
    tiling = sphere_tiling(24, np.radians(60), 32)
    assert np.allclose(
        seen.motion, MotionMeter(tiling).measure(np.stack(images), np.array([f.time for f in frames]))
    )
    moving = seen.motion.mean(0) @ seen.directions
    assert moving @ towards(np.pi / 2) > 0.7 * np.linalg.norm(moving)


def test_a_flash_changes_the_picture_but_moves_nothing():
    images = [np.full((90, 180, 3), 40, np.uint8)] * 12
    images[6] = np.full((90, 180, 3), 91, np.uint8)
    seen = glance(frames_of(images), 1.0, RedIsDog())
    assert seen.change.argmax() == 6
    assert seen.change[6] == pytest.approx(51 / 255 * 12, rel=1e-5)
    assert seen.change[3] == 0
    assert seen.motion.max() == 0


def test_change_is_weighted_by_area():
    still = np.zeros((90, 180, 3), np.uint8)
    pole, horizon = still.copy(), still.copy()
    pole[:10] = 255
    horizon[40:50] = 255
    changes = [glance(frames_of([still, image]), 1 / 6, RedIsDog()).change[1] for image in (pole, horizon)]
    assert changes[0] == pytest.approx(12 * (1 - np.cos(np.pi / 9)) / 2, rel=1e-5)
    assert changes[1] == pytest.approx(12 * np.sin(np.pi / 18), rel=1e-5)


def test_a_picture_may_come_in_two_sizes():
    small = [picture(towards(k / 3)) for k in range(12)]
    frames = frames_of(small)
    large = Frame(frames[6].time, picture(towards(np.pi), height=180))
    both = [*frames[:7], large, *frames[7:]]
    plain, seen = (glance(given, 1.0, RedIsDog(), looks=1) for given in (frames, both))
    assert np.array_equal(plain.motion, seen.motion)
    assert np.array_equal(plain.change, seen.change)
    assert seen.looks == plain.looks == [frames[6].time]
    assert np.allclose(seen.directions[seen.categories[0, :, 0].argmax()], towards(np.pi), atol=1e-6)


def test_few_frames_are_looked_at_all_the_same():
    seen = glance(frames_of([picture()]), 60.0, RedIsDog())
    assert seen.categories.shape == (1, 24, 28)
    assert seen.motion.tolist() == [[0] * 24]
    assert glance(frames_of([picture()] * 2), 1 / 6, RedIsDog()).looks.tolist() == [1 / 24, 1.5 / 12]


def test_no_frames_and_wrong_times_are_refused():
    with pytest.raises(ValueError, match="no frames"):
        glance([], 1.0, RedIsDog())
    with pytest.raises(ValueError, match="must increase"):
        glance([Frame(1.0, picture()), Frame(0.5, picture())], 1.0, RedIsDog())


def test_looks_are_spread_evenly():
    due = [looks_due(time, 6.0, 3) for time in (0, 0.99, 1.0, 2.9, 3.0, 4.99, 5.0, 6.0, 9.0)]
    assert due == [0, 0, 1, 1, 2, 2, 3, 3, 3]
