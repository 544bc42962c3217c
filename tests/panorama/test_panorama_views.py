import math

import numpy as np
import pytest

from audiospace.panorama import Tiling, directions, perspective, sphere_tiling, views
from audiospace.panorama.perspective import view_directions


def test_the_centre_of_a_view_looks_where_it_should():
    rays = view_directions(math.radians(30), math.radians(20), math.radians(90), 65, 65)
    expected = [math.cos(0.5236) * math.cos(0.3491), math.sin(0.5236) * math.cos(0.3491), math.sin(0.3491)]
    assert rays[32, 32] == pytest.approx(expected, abs=1e-4)
    assert rays[0, 32, 2] > rays[-1, 32, 2]


def test_the_left_of_a_front_view_is_the_left():
    rays = view_directions(0.0, 0.0, math.radians(90), 3, 101)
    assert np.arctan2(rays[1, 0, 1], rays[1, 0, 0]) == pytest.approx(math.radians(44.72), abs=1e-3)


def test_a_view_shows_the_directions_it_looks_in():
    frame = directions(256, 512).astype(np.float32)
    seen = perspective(frame, 2.8, 1.2, fov=math.radians(70), height=90, width=120)
    assert np.abs(seen - view_directions(2.8, 1.2, math.radians(70), 90, 120)).max() < 0.01


def test_flat_pictures_cannot_see_half_the_sphere():
    with pytest.raises(ValueError, match="fov"):
        view_directions(0.0, 0.0, math.pi, 4, 4)


@pytest.mark.parametrize("count", [24, 28, 40])
def test_tiles_cover_the_whole_sphere(count: int):
    tiling = sphere_tiling(count)
    points = directions(90, 180).reshape(-1, 3)
    covered = np.zeros(len(points), dtype=bool)
    limit = math.tan(tiling.fov / 2.0) + 1e-9
    for azimuth, forward in zip(tiling.azimuths, tiling.directions, strict=True):
        right = np.array([math.sin(azimuth), -math.cos(azimuth), 0.0])
        depth, across, up = (points @ axis for axis in (forward, right, np.cross(right, forward)))
        inside = np.maximum(np.abs(across), np.abs(up)) <= depth * limit
        covered |= (depth > 0) & inside
    assert covered.all()


def test_weights_are_areas_without_a_preferred_direction():
    tiling = sphere_tiling()
    assert tiling.weights.sum() == pytest.approx(1.0, abs=1e-9)
    assert np.allclose(tiling.weights @ tiling.directions, 0.0, atol=1e-9)


def test_views_equal_single_perspectives():
    tiling = sphere_tiling(size=32)
    frames = np.random.default_rng(0).integers(0, 255, (2, 64, 128, 3), dtype=np.uint8)
    tiles = views(frames, tiling)
    assert tiles.shape == (2, 24, 32, 32, 3)
    for n in (0, 5, 23):
        single = perspective(
            frames, tiling.azimuths[n], tiling.elevations[n], fov=tiling.fov, height=32, width=32
        )
        assert np.array_equal(tiles[:, n], single)


@pytest.mark.parametrize(("count", "degrees"), [(20, 60), (26, 60), (24, 50), (24, 180)])
def test_a_tiling_with_gaps_is_refused(count: int, degrees: float):
    with pytest.raises(ValueError, match="closed rings"):
        sphere_tiling(count, math.radians(degrees))


def test_tilings_are_values():
    tiling = sphere_tiling()
    assert tiling == Tiling(tiling.azimuths, tiling.elevations, tiling.fov, tiling.size)
