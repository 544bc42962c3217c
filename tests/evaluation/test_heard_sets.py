import numpy as np
import pytest

from audiospace.evaluation.sets import HeardSets
from audiospace.hearing import Heard

RECORDED = "reference"


def heard(seed, shift=0.0):
    rng = np.random.default_rng(seed)
    embeddings = (rng.standard_normal((4, 3)) + shift).astype(np.float32)
    return {"ears": Heard(embeddings, rng.standard_normal(5).astype(np.float32))}


def filled(clips, without=()):
    """Sets of two systems; the second lacks some clips."""
    sets = HeardSets()
    for place in range(clips):
        found = {RECORDED: heard(place), "near": heard(1000 + place, 0.1)}
        if place not in without:
            found["far"] = heard(2000 + place, 2.0)
        sets.add(place, found, RECORDED)
    return sets


def test_a_set_that_is_farther_away_has_the_larger_distances():
    sets = filled(30)
    near, far = (sets.intervals(system, recorded=RECORDED) for system in ("near", "far"))
    for key in ("frechet_ears", "kernel_ears"):
        assert far[key].mean > near[key].mean
        assert far[key].n == 30
    assert "frechet_ears" not in sets.intervals(RECORDED, recorded=RECORDED)
    assert sets.intervals(RECORDED, recorded=RECORDED)["inception_ears"].n == 30


def test_a_system_is_judged_on_the_recordings_of_its_own_clips():
    alone = HeardSets()
    for place in range(0, 30, 2):
        alone.add(place, {RECORDED: heard(place), "far": heard(2000 + place, 2.0)}, RECORDED)
    among = filled(30, without=range(1, 30, 2))
    own = alone.intervals("far", recorded=RECORDED)["frechet_ears"]
    assert among.intervals("far", recorded=RECORDED)["frechet_ears"].mean == pytest.approx(own.mean)


def test_up_to_twenty_clips_are_compared_one_by_one():
    sets = filled(12, without=(3, 7))
    comparison = next(sets.compare("near", "far"))
    assert comparison.n == 10
    assert comparison.difference < 0
    assert sets.narrowed_notes(["near", "far"]) == []


def test_beyond_that_it_is_said_which_part_is_compared():
    sets = filled(60, without=(3, 27))
    comparison = next(sets.compare("near", "far"))
    assert comparison.n == 54
    (note,) = sets.narrowed_notes(["near", "far"])
    assert "54 of the 58 clips" in note


def test_each_recording_is_compared_with_one_half_of_the_set_away():
    values = filled(4).of_another_clip(RECORDED)
    assert len(values) == 4
    assert values[0]["similarity_ears"] == pytest.approx(values[2]["similarity_ears"])
    assert all(row["kl_ears"] > 0 for row in values)
    assert filled(1).of_another_clip(RECORDED) == []
