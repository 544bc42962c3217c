from pathlib import Path

import numpy as np
import pytest

from audiospace.simulate.recordings import find_recordings
from audiospace.simulate.shares import SAMPLING_PLUS, share_of, split_of

SHARED = Path(__file__).parents[2].parent / "shared"
NAMES = [Path(f"{fold}-{clip}-{take}.ogg") for fold in range(1, 6) for clip in range(40) for take in "AB"]
OTHERS = [Path(f"some recording {number}.wav") for number in range(600)]


def test_folds_decide_the_shares_of_esc():
    shares = {fold: {share_of(path) for path in NAMES if path.stem[0] == fold} for fold in "12345"}
    assert shares["1"] == shares["2"] == {"generator"}
    assert shares["3"] == shares["4"] == {"judge"}
    assert shares["5"] == {"test"}


def test_other_recordings_are_shared_out_by_name_alone():
    shares = [share_of(path) for path in OTHERS]
    assert 0.14 < np.mean([share == "test" for share in shares]) < 0.26
    assert 0.33 < np.mean([share == "judge" for share in shares]) < 0.47
    assert shares == [share_of(Path("elsewhere") / path.name) for path in OTHERS]


def test_splits_play_the_generators_share_and_the_test_share_only():
    for path in (*NAMES, *OTHERS):
        expected = {"generator": {"train", "validation"}, "judge": {None}, "test": {"test"}}
        assert split_of(path) in expected[share_of(path)]
    splits = [split_of(path) for path in OTHERS if share_of(path) == "generator"]
    assert 0.1 < np.mean([split == "validation" for split in splits]) < 0.25


def test_takes_of_one_original_stay_together():
    for fold in range(1, 6):
        for clip in range(40):
            assert len({split_of(Path(f"{fold}-{clip}-{take}-12.wav")) for take in "ABC"}) == 1


def test_what_may_not_be_used_is_in_no_share():
    for stem in SAMPLING_PLUS:
        assert share_of(Path(f"{stem}.ogg")) is None
        assert split_of(Path(f"{stem}.ogg")) is None


@pytest.mark.skipif(not (SHARED / "esc10").is_dir(), reason="needs the recordings")
def test_splits_of_real_recordings_share_no_original():
    found = find_recordings([SHARED / "esc10", SHARED / "ambience", SHARED / "music"])
    originals = {split: set() for split in ("train", "validation", "test", None)}
    for recording in found:
        parts = recording.path.stem.split("-")
        originals[recording.split].add(parts[1] if len(parts) == 3 else recording.path.stem)
    sets = list(originals.values())
    assert all(sets)
    assert all(not sets[a] & sets[b] for a in range(4) for b in range(a))
