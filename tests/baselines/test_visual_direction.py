import numpy as np
import pytest
from baseline_samples import TILING, glance_of, moving_in, recognised

from audiospace.ambisonics import rotation_matrix
from audiospace.baselines import (
    motion_direction,
    motion_directions,
    recogniser_direction,
    recogniser_directions,
)

FRONT = pytest.approx([1.0, 0.0, 0.0], abs=1e-9)


@pytest.mark.parametrize("tile", [0, 3, 9, 14, 20])
def test_what_moves_in_one_tile_is_there(tile):
    assert motion_direction(glance_of(moving_in(tile))) == pytest.approx(TILING.directions[tile])


def test_motion_to_the_left_is_to_the_left():
    left = int(np.argmax(TILING.directions[:, 1]))
    assert motion_direction(glance_of(moving_in(left)))[1] == pytest.approx(1.0)


def test_the_front_where_nothing_moves_or_all_does():
    assert motion_direction(glance_of()) == FRONT
    assert motion_direction(glance_of(np.full((12, TILING.count), 0.4))) == FRONT
    assert motion_direction(glance_of(moving_in(0, 6))) == FRONT


def test_motion_is_a_weighted_sum_of_directions():
    motion = np.random.default_rng(0).random((12, TILING.count))
    expected = sum(
        share * moved * direction
        for share, moved, direction in zip(
            TILING.weights, motion.mean(axis=0), TILING.directions, strict=True
        )
    )
    found = motion_direction(glance_of(motion))
    assert found == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)


def test_motion_of_the_turned_scene_is_turned():
    motion = np.tile(np.random.default_rng(3).random(TILING.count) ** 3, (12, 1))
    turned = motion.copy()
    turned[:, :12] = np.roll(motion[:, :12], 2, axis=1)
    turned[:, 12:18] = np.roll(motion[:, 12:18], 1, axis=1)
    turned[:, 18:] = np.roll(motion[:, 18:], 1, axis=1)
    expected = rotation_matrix(np.pi / 3) @ motion_direction(glance_of(motion))
    assert motion_direction(glance_of(turned)) == pytest.approx(expected, abs=1e-6)


def test_motion_over_time_follows_and_holds():
    still = np.zeros((24, TILING.count))
    motion = np.concatenate([still, moving_in(3, rows=24), still, moving_in(9, rows=24), still])
    found = motion_directions(glance_of(motion))
    assert found.shape == (120, 3)
    assert found[36] == pytest.approx(TILING.directions[3])
    assert found[0] == pytest.approx(TILING.directions[3])
    assert found[60] == pytest.approx(TILING.directions[3])
    assert found[84] == pytest.approx(TILING.directions[9])
    assert found[119] == pytest.approx(TILING.directions[9])
    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0)


def test_motion_over_time_is_the_front_where_there_is_none():
    assert motion_directions(glance_of())[7] == FRONT
    assert motion_directions(glance_of(np.zeros((1, TILING.count)))).shape == (1, 3)


def test_what_is_recognised_pulls_away_from_the_front():
    left = 3
    expected = np.array([0.3, 3 * 0.5, 0.0])
    found = recogniser_direction(glance_of(categories=recognised({left: 0.5})))
    assert found == pytest.approx(
        expected / np.linalg.norm(expected), abs=5e-3
    )  # areas of tiles differ a bit


def test_more_is_recognised_the_nearer_the_direction():
    behind_left = 5
    nearness = [
        float(
            recogniser_direction(glance_of(categories=recognised({behind_left: mass})))
            @ TILING.directions[behind_left]
        )
        for mass in (0.0, 0.05, 0.1, 0.3, 1.0)
    ]
    assert np.all(np.diff(nearness) > 0)


def test_the_front_where_nothing_is_recognised():
    assert recogniser_direction(glance_of()) == FRONT
    assert recogniser_directions(glance_of())[1] == FRONT


def test_all_categories_count_alike():
    one, other = recognised({3: 0.4}), recognised({3: 0.4})[..., ::-1]
    assert recogniser_direction(glance_of(categories=one)) == pytest.approx(
        recogniser_direction(glance_of(categories=other))
    )


def test_looks_follow_what_is_recognised():
    categories = np.concatenate([recognised({3: 0.9}, 1), recognised({9: 0.9}, 1), recognised({}, 1)])
    found = recogniser_directions(glance_of(categories=categories))
    assert found[0, 1] > 0.9
    assert found[1, 1] < -0.9
    assert found[2] == FRONT
