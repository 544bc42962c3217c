import json

import numpy as np
import pytest
import soundfile as sf

from audiospace.ambisonics import encode
from audiospace.errors import UserError
from audiospace.evaluation import ALWAYS_FRONT, RANDOM, evaluate, find_sounds, pair, to_json, write_report

RATE = 8000


def write(path, azimuth=0.0, elevation=0.0, *, seconds=0.5, rate=RATE, channels=4, gain=0.1):
    path.parent.mkdir(parents=True, exist_ok=True)
    signal = gain * np.random.default_rng(0).standard_normal(round(seconds * rate))
    sound = encode(signal, np.radians(azimuth), np.radians(elevation))
    sf.write(path, sound[:channels].T, rate, subtype="FLOAT")


@pytest.fixture
def folders(tmp_path):
    reference, generated = tmp_path / "reference", tmp_path / "generated"
    for index, azimuth in enumerate((0, 90, 180)):
        write(reference / f"clip{index}.wav", azimuth)
        write(generated / f"clip{index}.wav", azimuth + 30)
    return reference, generated


def scores(evaluation, name):
    return next(system for system in evaluation.systems if system.name == name)


def findings(evaluation, system="ours"):
    return {finding.clip: finding for finding in evaluation.findings if finding.system == system}


def test_means_are_the_known_ones(folders):
    reference, generated = folders
    found = evaluate(reference, {"ours": generated})
    ours = scores(found, "ours").metrics
    assert ours["angle"].mean == pytest.approx(np.radians(30), abs=1e-6)
    assert ours["azimuth"].mean == pytest.approx(np.radians(30), abs=1e-6)
    assert ours["elevation"].mean == pytest.approx(0, abs=1e-6)
    assert ours["angle"].n == 3
    front = scores(found, ALWAYS_FRONT).metrics["angle"]
    assert front.mean == pytest.approx(np.pi / 2, abs=1e-6)
    assert scores(found, "ours").front.mean == pytest.approx(front.mean)
    assert found.findings == ()


def test_random_row_is_seeded_and_near_chance(tmp_path):
    reference = tmp_path / "reference"
    for index in range(60):
        write(reference / f"clip{index}.wav", 5 * index, seconds=0.05)
    found = evaluate(reference, {})
    chance = scores(found, RANDOM).metrics["angle"]
    assert chance.mean == pytest.approx(np.pi / 2, abs=0.35)
    assert scores(evaluate(reference, {}), RANDOM).metrics["angle"] == chance
    assert scores(evaluate(reference, {}, seed=1), RANDOM).metrics["angle"] != chance


def test_what_cannot_be_compared_is_named_and_left_out(folders):
    reference, generated = folders
    for name in ("mono", "silent", "broken", "alone", "nan"):
        write(reference / f"{name}.wav", 20)
    write(generated / "mono.wav", 20, channels=1)
    write(generated / "silent.wav", 20, gain=0)
    (generated / "broken.wav").write_bytes(b"no sound")
    write(generated / "stranger.wav", 20)
    sf.write(generated / "nan.wav", np.full((100, 4), np.nan), RATE, subtype="FLOAT")
    found = evaluate(reference, {"ours": generated})
    assert scores(found, "ours").metrics["angle"].n == 3
    assert scores(found, "ours").metrics["angle"].mean == pytest.approx(np.radians(30), abs=1e-6)
    kinds = {clip: finding.kind for clip, finding in findings(found).items()}
    assert kinds == {
        "mono": "channels",
        "silent": "no direction",
        "broken": "unreadable",
        "alone": "missing",
        "stranger": "no reference",
        "nan": "no direction",
    }
    assert not any(finding.counted for finding in found.findings)


def test_other_length_and_rate_are_named_and_counted(folders):
    reference, generated = folders
    write(generated / "clip0.wav", 30, seconds=0.8)
    write(generated / "clip1.wav", 120, rate=16000)
    found = evaluate(reference, {"ours": generated})
    assert scores(found, "ours").metrics["angle"].n == 3
    assert {clip: (finding.kind, finding.counted) for clip, finding in findings(found).items()} == {
        "clip0": ("length", True),
        "clip1": ("rate", True),
    }
    assert findings(found)["clip0"].detail == "lasts 0.80 s, the recording 0.50 s"


def test_silent_reference_is_named(folders):
    reference, generated = folders
    write(reference / "clip2.wav", gain=0)
    found = evaluate(reference, {"ours": generated})
    assert findings(found, "reference")["clip2"].kind == "no direction"
    assert scores(found, "ours").metrics["angle"].n == 2
    assert scores(found, ALWAYS_FRONT).metrics["angle"].n == 2


def test_a_system_without_one_usable_clip_has_an_empty_row(folders, tmp_path):
    reference, _generated = folders
    write(tmp_path / "silent" / "clip0.wav", gain=0)
    found = evaluate(reference, {"silent": tmp_path / "silent"})
    assert scores(found, "silent").metrics["angle"].n == 0
    tree = to_json(found)
    assert tree["systems"]["silent"]["angle"]["mean"] is None
    json.dumps(tree, allow_nan=False)


def test_folders_without_common_names_are_an_error(folders, tmp_path):
    reference, _generated = folders
    write(tmp_path / "other" / "elsewhere.wav")
    with pytest.raises(UserError, match="name of a clip"):
        evaluate(reference, {"other": tmp_path / "other"})
    with pytest.raises(UserError, match="not a folder"):
        evaluate(reference, {"other": tmp_path / "nowhere"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no sound"):
        evaluate(tmp_path / "empty", {})


def test_result_folders_pair_with_clips(tmp_path):
    write(tmp_path / "reference" / "a_10.flac".replace("flac", "wav"))
    write(tmp_path / "generated" / "a_10" / "a_10.foa.wav")
    write(tmp_path / "generated" / "a_10" / "a_10.binaural.wav", channels=2)
    (tmp_path / "generated" / "a_10" / "a_10.spatial.mp4").touch()
    (tmp_path / "generated" / "a_10" / "a_10.energy.mp4").touch()
    found = pair(tmp_path / "reference", tmp_path / "generated")
    assert [couple.generated.name for couple in found.pairs] == ["a_10.foa.wav"]


def test_sound_is_preferred_to_the_video_beside_it(tmp_path):
    (tmp_path / "a.mp4").touch()
    write(tmp_path / "a.wav")
    (tmp_path / "b.webm").touch()
    assert {clip: path.name for clip, path in find_sounds(tmp_path).items()} == {"a": "a.wav", "b": "b.webm"}


def test_report_has_every_figure(folders, tmp_path):
    reference, generated = folders
    write_report(tmp_path / "report.json", evaluate(reference, {"ours": generated}))
    tree = json.loads((tmp_path / "report.json").read_text())
    assert tree["systems"]["ours"]["angle"]["mean"] == pytest.approx(np.radians(30), abs=1e-5)
    assert set(tree["systems"]["ours"]["angle"]) == {"mean", "low", "high", "n"}
    assert set(tree["systems"]) == {"ours", ALWAYS_FRONT, RANDOM}
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.json"]
