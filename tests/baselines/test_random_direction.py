import zlib

import numpy as np
import pytest

from audiospace.baselines import random_direction


def test_a_clip_has_the_same_direction_in_every_run():
    expected = np.random.default_rng([5, zlib.crc32(b"clip_20")]).standard_normal(3)
    assert random_direction("clip_20", 5) == pytest.approx(expected / np.linalg.norm(expected))


def test_clips_and_seeds_differ():
    assert not np.allclose(random_direction("a", 0), random_direction("b", 0))
    assert not np.allclose(random_direction("a", 0), random_direction("a", 1))


def test_directions_are_uniform_on_the_sphere():
    drawn = np.stack([random_direction(f"clip {index}", 0) for index in range(3000)])
    assert np.linalg.norm(drawn, axis=1) == pytest.approx(1.0)
    assert np.abs(drawn.mean(axis=0)).max() < 0.05
    # every coordinate of a uniform direction is uniform in [-1, 1] (Archimedes)
    for coordinate in drawn.T:
        assert np.quantile(coordinate, [0.1, 0.5, 0.9]) == pytest.approx([-0.8, 0.0, 0.8], abs=0.06)
