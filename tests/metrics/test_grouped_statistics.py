import numpy as np
import pytest

from audiospace.metrics import (
    GROUP_COUNT,
    GaussianStatistics,
    GroupedStatistics,
    frechet_distance,
    replicates,
)


def _grouped(clips, places=None):
    grouped = GroupedStatistics()
    for place, clip in zip(places or range(len(clips)), clips, strict=True):
        grouped = grouped.with_clip(place, GaussianStatistics.of(clip))
    return grouped


def _clips(count, seed):
    return np.random.default_rng(seed).standard_normal((count, 3, 5))


def test_whole_is_all_clips_at_once():
    clips = _clips(47, 0)
    grouped = _grouped(clips)
    assert grouped.n == 47
    assert grouped.whole.count == 47 * 3
    np.testing.assert_allclose(grouped.whole.covariance, np.cov(clips.reshape(-1, 5), rowvar=False))


@pytest.mark.parametrize("count", [1, 2, 7, 20, 47])
def test_each_group_is_left_out_in_its_turn(count):
    clips = _clips(count, 1)
    left = list(_grouped(clips).leaving_out())
    assert len(left) == GROUP_COUNT
    for group, others in enumerate(left):
        kept = np.array([clip for place, clip in enumerate(clips) if place % GROUP_COUNT != group])
        if len(kept) == 0:
            assert others is None
        else:
            np.testing.assert_allclose(others.mean, kept.reshape(-1, 5).mean(axis=0), atol=1e-12)
            assert others.count == kept.shape[0] * 3


def test_order_of_arrival_does_not_matter():
    clips = _clips(30, 2)
    shuffled = np.random.default_rng(0).permutation(30).tolist()
    one, other = _grouped(clips), _grouped(clips[shuffled], shuffled)
    assert one.places == other.places
    for group in range(GROUP_COUNT):
        np.testing.assert_allclose(one.groups[group].scatter, other.groups[group].scatter, atol=1e-12)


def test_a_clip_counts_once():
    grouped = _grouped(_clips(3, 0))
    with pytest.raises(ValueError, match="place 2"):
        grouped.with_clip(2, GaussianStatistics.of(np.ones((1, 5))))


def test_the_same_clips_are_left_out_on_both_sides():
    recorded, generated = _clips(25, 3), _clips(25, 4)
    found = replicates(frechet_distance, _grouped(generated), _grouped(recorded))
    assert found.n == 25
    assert found.sizes.tolist() == [2] * 5 + [1] * 15
    for group in (0, 7):
        kept = [place for place in range(25) if place % GROUP_COUNT != group]
        sides = [GaussianStatistics.of(side[kept].reshape(-1, 5)) for side in (recorded, generated)]
        assert found.without[group] == pytest.approx(frechet_distance(*sides), rel=1e-9)
    sides = [GaussianStatistics.of(side.reshape(-1, 5)) for side in (recorded, generated)]
    assert found.whole == pytest.approx(frechet_distance(*sides), rel=1e-9)


def test_a_group_without_generated_clips_is_never_left_out():
    recorded = _grouped(_clips(6, 3))
    found = replicates(frechet_distance, _grouped(_clips(6, 4)[[0, 5]], [0, 5]), recorded)
    assert found.sizes.tolist() == [1, 1]
    assert found.without.shape == (2,)


def test_what_no_clip_is_left_for_is_not_defined():
    empty = replicates(frechet_distance, GroupedStatistics(), _grouped(_clips(3, 0)))
    assert np.isnan(empty.whole)
    assert empty.n == 0
    one = replicates(frechet_distance, _grouped(_clips(1, 0)), _grouped(_clips(1, 1)))
    assert np.isfinite(one.whole)
    assert np.isnan(one.without).tolist() == [True]


def test_only_some_groups_can_be_kept():
    kept = _grouped(_clips(47, 0)).only({0, 3})
    assert kept.n == 6
    assert kept.whole.count == 18
