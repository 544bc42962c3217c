import cv2
import numpy as np
import pytest

from audiospace.errors import UserError
from audiospace.generation.glance import glance_at
from audiospace.media import write_video
from audiospace.panorama import directions, erp_to_eac

HEIGHT = 240


class RedIsDog:
    """Takes how red a view is for the probability that it shows a dog."""

    id, dimensions, size = "red", 1000, 64

    def __init__(self):
        self.calls = 0

    def encode(self, views):
        self.calls += 1
        posterior = np.zeros((len(views), 1000), dtype=np.float32)
        redder = np.clip(views[..., 0].astype(float) - views[..., 1], 0, None)
        posterior[:, 151] = redder.mean((1, 2)) / 255
        return posterior


def towards(azimuth, elevation):
    return np.array(
        [np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)]
    )


def scene(k, azimuth=np.pi / 2, elevation=0.0):
    """A red spot that trembles before a still, uneven grey."""
    rough = np.random.default_rng(1).integers(60, 200, (HEIGHT // 4, HEIGHT // 2), dtype=np.uint8)
    grey = cv2.resize(rough, (2 * HEIGHT, HEIGHT), interpolation=cv2.INTER_CUBIC)
    image = np.repeat(grey[..., None], 3, axis=2)
    near = directions(HEIGHT, 2 * HEIGHT) @ towards(azimuth + 0.04 * (-1) ** k, elevation) > np.cos(0.4)
    image[near] = (230, 20, 20)
    return image


def erp_video(path, **where):
    frames = [scene(k, **where) for k in range(12)]
    return write_video(path, frames, frames_per_second=6, height=HEIGHT, width=2 * HEIGHT, quality=10)


def eac_video(path, **where):
    frames = [erp_to_eac(scene(k, **where), 92) for k in range(12)]
    height, width = frames[0].shape[:2]
    return write_video(path, frames, frames_per_second=6, height=height, width=width, quality=10)


def moving(seen):
    vector = (seen.motion.mean(0) * seen.weights) @ seen.directions
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("azimuth", [np.pi / 2, -0.5, 3.0])
@pytest.mark.parametrize(("make", "projection"), [(erp_video, "auto"), (eac_video, "eac")])
def test_things_are_where_they_are_whatever_the_projection(tmp_path, make, projection, azimuth):
    seen = glance_at(make(tmp_path / "a.mp4", azimuth=azimuth), projection, RedIsDog())
    assert seen.motion.shape == (24, 24)
    assert seen.categories.shape == (3, 24, 28)
    mass = (seen.categories[..., 0].mean(0) * seen.weights) @ seen.directions
    assert mass @ towards(azimuth, 0.0) / np.linalg.norm(mass) > 0.97
    assert moving(seen) @ towards(azimuth, 0.0) > 0.97


def test_both_projections_agree(tmp_path):
    erp = glance_at(erp_video(tmp_path / "a.mp4"), "erp", RedIsDog())
    eac = glance_at(eac_video(tmp_path / "b.mp4"), "eac", RedIsDog())
    assert np.corrcoef(erp.motion.ravel(), eac.motion.ravel())[0, 1] > 0.9
    assert np.abs(erp.categories - eac.categories).max() < 0.05
    assert np.allclose(erp.change, eac.change, rtol=0.2)


def test_it_is_kept_for_the_next_time(tmp_path):
    video, encoder = erp_video(tmp_path / "a.mp4", azimuth=1.0), RedIsDog()
    first = glance_at(video, encoder=encoder)
    calls = encoder.calls
    again = glance_at(video, encoder=encoder)
    assert encoder.calls == calls == 3
    for name in vars(first):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name
    glance_at(video, "eac", encoder)
    assert encoder.calls == 2 * calls


def test_the_embedded_recogniser_is_the_default(tiny_video):
    seen = glance_at(tiny_video)
    assert seen.motion.shape == (15, 24)
    assert seen.categories.shape == (3, 24, 28)
    assert seen.categories.sum(-1).max() <= 1


def test_a_flat_video_is_refused(tmp_path):
    flat = [np.full((90, 160, 3), 20 * k, np.uint8) for k in range(4)]
    video = write_video(tmp_path / "a.mp4", flat, frames_per_second=4, height=90, width=160)
    with pytest.raises(UserError, match="360"):
        glance_at(video)
