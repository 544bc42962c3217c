import hashlib

import numpy as np
import pytest
import soundfile as sf

from audiospace.ambisonics import encode, loudness
from audiospace.errors import UserError
from audiospace.evaluation.listening import Design, low_anchor, make_plan

RATE = 48000


def write(path, *, rate=16000, gain=0.1, channels=4, seconds=0.6):
    path.parent.mkdir(exist_ok=True)
    noise = gain * np.random.default_rng(0).standard_normal(round(seconds * rate))
    sf.write(path, encode(noise, 1.0, 0.2)[:channels].T, rate, subtype="FLOAT")


@pytest.fixture
def folders(tmp_path):
    for clip in ("a", "b"):
        write(tmp_path / "recorded" / f"{clip}.wav", rate=48000, gain=0.2)
        write(tmp_path / "ours" / f"{clip}.wav", rate=16000, gain=0.02)
    return tmp_path


def plan_of(folders, **wishes):
    design = Design(raters=2, repeats=1, **wishes)
    return make_plan(folders / "plan", folders / "recorded", {"ours": folders / "ours"}, design, seed=1)


def level_at(frequency):
    time = np.arange(RATE) / RATE
    sound = np.zeros((4, RATE))
    sound[:] = np.sin(2 * np.pi * frequency * time)
    inner = slice(RATE // 4, 3 * RATE // 4)
    return 20 * np.log10(low_anchor(sound)[0, inner].std() / sound[0, inner].std())


def test_low_anchor_passes_up_to_3500_hertz_and_stops_from_4000():
    assert all(abs(level_at(frequency)) < 0.1 for frequency in (50, 500, 2000, 3000, 3500))
    assert level_at(4000) < -50
    assert level_at(4500) < -50
    assert level_at(12000) < -50


def test_low_anchor_is_mono_and_in_time():
    sound = np.zeros((4, 4800))
    sound[:, 2000] = 1
    anchor = low_anchor(sound)
    assert anchor.shape == sound.shape
    assert not anchor[1:].any()
    assert np.argmax(np.abs(anchor[0])) == 2000
    assert low_anchor(np.zeros((4, 0))).shape == (4, 0)


def test_copies_differ_in_nothing_but_sound(folders):
    plan = plan_of(folders, copies=True, anchor=True)
    assert plan.systems == ("reference", "ours", "anchor")
    files = sorted(path.name for path in (folders / "plan" / "stimuli").iterdir())
    assert files == sorted(f"{name}.wav" for name in plan.key)
    for stimulus in plan.stimuli:
        path = folders / "plan" / stimulus.file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == stimulus.sha256
        found = sf.info(path)
        assert (found.samplerate, found.channels, found.subtype, found.frames) == (48000, 4, "FLOAT", 28800)
        samples = sf.read(path)[0]
        assert np.any(samples[:, 1:]) == (stimulus.system != "anchor")
    references = [one for one in plan.stimuli if one.system == "reference"]
    recorded = sf.read(folders / "recorded" / "a.wav", dtype="float32")[0]
    copy = sf.read(
        folders / "plan" / next(one.file for one in references if one.clip == "a"), dtype="float32"
    )[0]
    assert np.array_equal(copy, recorded)


def test_without_copies_only_anchors_are_written(folders):
    plan = plan_of(folders, anchor=True)
    written = {path.stem for path in (folders / "plan" / "stimuli").iterdir()}
    assert written == {one.id for one in plan.stimuli if one.system == "anchor"}
    assert all(str(folders) in one.file for one in plan.stimuli if one.system != "anchor")


def test_copies_come_to_one_loudness_or_it_is_said(folders):
    plan = plan_of(folders, copies=True, loudness=-30.0)
    assert plan.notes == ()
    for stimulus in plan.stimuli:
        samples, rate = sf.read(folders / "plan" / stimulus.file)
        assert loudness(samples.T, rate) == pytest.approx(-30, abs=0.1)


def test_a_loudness_that_peaks_forbid_is_remarked_on(folders):
    write(folders / "ours" / "a.wav", gain=0.0)
    plan = plan_of(folders, copies=True, loudness=-30.0)
    assert len(plan.notes) == 1
    assert plan.notes[0].startswith("ours, a: is at -inf LUFS instead of -30.0")


def test_sounds_that_cannot_be_copied_are_refused_and_nothing_is_left(folders):
    write(folders / "ours" / "b.wav", channels=2)
    with pytest.raises(UserError, match=r"b\.wav: has 2 sound channels, but 4 are needed"):
        plan_of(folders, copies=True)
    assert {path.name for path in folders.iterdir()} == {"recorded", "ours"}
    bad = np.zeros((100, 4))
    bad[3] = np.nan
    sf.write(folders / "ours" / "b.wav", bad, RATE, subtype="FLOAT")
    with pytest.raises(UserError, match="not finite"):
        plan_of(folders, copies=True)
