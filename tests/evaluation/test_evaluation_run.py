import json
import os

import numpy as np
import pytest
import soundfile as sf

from audiospace.ambisonics import encode
from audiospace.errors import UserError
from audiospace.evaluation import (
    ALWAYS_FRONT,
    MONO,
    RANDOM,
    evaluate,
    find_captions,
    find_sounds,
    find_videos,
    to_json,
    write_json,
)

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


def spatial(reference, generated, **options):
    return evaluate(reference, generated, groups=["spatial", "published"], **options)


def scores(evaluation, name):
    return next(system for system in evaluation.systems if system.name == name)


def findings(evaluation, system="ours"):
    return {finding.clip: finding for finding in evaluation.findings if finding.system == system}


def test_means_are_the_known_ones(folders):
    reference, generated = folders
    found = spatial(reference, {"ours": generated})
    ours = scores(found, "ours").intervals
    assert ours["angle"].mean == pytest.approx(np.radians(30), abs=1e-6)
    assert ours["azimuth"].mean == pytest.approx(np.radians(30), abs=1e-6)
    assert ours["elevation"].mean == pytest.approx(0, abs=1e-6)
    assert ours["angle"].n == 3
    front = scores(found, ALWAYS_FRONT).intervals["angle"]
    assert front.mean == pytest.approx(np.pi / 2, abs=1e-6)
    assert scores(found, "ours").front.mean == pytest.approx(front.mean)
    assert found.findings == ()


def test_random_row_is_seeded_and_near_chance(tmp_path):
    reference = tmp_path / "reference"
    for index in range(60):
        write(reference / f"clip{index}.wav", 5 * index, seconds=0.05)
    found = spatial(reference, {})
    chance = scores(found, RANDOM).intervals["angle"]
    assert chance.mean == pytest.approx(np.pi / 2, abs=0.35)
    assert scores(spatial(reference, {}), RANDOM).intervals["angle"] == chance
    assert scores(spatial(reference, {}, seed=1), RANDOM).intervals["angle"] != chance


def test_what_cannot_be_compared_is_named_and_left_out(folders):
    reference, generated = folders
    for name in ("mono", "silent", "broken", "alone", "nan"):
        write(reference / f"{name}.wav", 20)
    write(generated / "mono.wav", 20, channels=1)
    write(generated / "silent.wav", 20, gain=0)
    (generated / "broken.wav").write_bytes(b"no sound")
    write(generated / "stranger.wav", 20)
    sf.write(generated / "nan.wav", np.full((100, 4), np.nan), RATE, subtype="FLOAT")
    found = spatial(reference, {"ours": generated})
    assert scores(found, "ours").intervals["angle"].n == 3
    assert scores(found, "ours").intervals["angle"].mean == pytest.approx(np.radians(30), abs=1e-6)
    kinds = {clip: finding.kind for clip, finding in findings(found).items()}
    assert kinds == {
        "mono": "channels",
        "silent": "undefined",
        "broken": "unreadable",
        "alone": "missing",
        "stranger": "no reference",
        "nan": "not finite",
    }
    # Silence has an angle by the published formulas, as small as it is.
    assert {(finding.clip, finding.kind) for finding in found.findings if finding.counted} == {
        ("silent", "silent")
    }


def test_other_length_and_rate_are_named_and_counted(folders):
    reference, generated = folders
    write(generated / "clip0.wav", 30, seconds=0.8)
    write(generated / "clip1.wav", 120, rate=16000)
    found = spatial(reference, {"ours": generated})
    assert scores(found, "ours").intervals["angle"].n == 3
    assert {clip: (finding.kind, finding.counted) for clip, finding in findings(found).items()} == {
        "clip0": ("length", True),
        "clip1": ("rate", True),
    }
    assert findings(found)["clip0"].detail == "lasts 0.80 s, the recording 0.50 s"


def test_silent_reference_is_named(folders):
    reference, generated = folders
    write(reference / "clip2.wav", gain=0)
    found = spatial(reference, {"ours": generated})
    assert findings(found, "reference")["clip2"].kind == "silent"
    assert scores(found, "ours").intervals["angle"].n == 2
    assert scores(found, ALWAYS_FRONT).intervals["angle"].n == 2


def test_a_system_without_one_usable_clip_has_an_empty_row(folders, tmp_path):
    reference, _generated = folders
    write(tmp_path / "silent" / "clip0.wav", gain=0)
    found = spatial(reference, {"silent": tmp_path / "silent"})
    assert scores(found, "silent").intervals["angle"].n == 0
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
    write(tmp_path / "a_10" / "a_10.foa.wav")
    write(tmp_path / "a_10" / "a_10.binaural.wav", channels=2)
    (tmp_path / "a_10" / "a_10.spatial.mp4").touch()
    (tmp_path / "a_10" / "a_10.energy.mp4").touch()
    assert [(clip, path.name) for clip, path in find_sounds(tmp_path).items()] == [("a_10", "a_10.foa.wav")]
    assert {clip: path.name for clip, path in find_videos(tmp_path).items()} == {"a_10": "a_10.spatial.mp4"}


def test_sound_is_preferred_to_the_video_beside_it(tmp_path):
    (tmp_path / "a.mp4").touch()
    write(tmp_path / "a.wav")
    (tmp_path / "b.webm").touch()
    assert {clip: path.name for clip, path in find_sounds(tmp_path).items()} == {"a": "a.wav", "b": "b.webm"}


def test_captions_are_read_and_other_json_is_not_minded(tmp_path):
    (tmp_path / "a.json").write_text('{"caption": " a dog barks "}')
    (tmp_path / "b.json").write_text('{"rate": 4}')
    (tmp_path / "c.json").write_text("[1, 2]")
    (tmp_path / "d.json").write_text("no JSON")
    assert find_captions(tmp_path) == {"a": "a dog barks"}


def test_report_has_every_figure(folders, tmp_path):
    reference, generated = folders
    write_json(tmp_path / "report.json", spatial(reference, {"ours": generated}))
    tree = json.loads((tmp_path / "report.json").read_text())
    assert tree["systems"]["ours"]["angle"]["mean"] == pytest.approx(np.radians(30), abs=1e-5)
    assert set(tree["systems"]["ours"]["angle"]) == {"mean", "low", "high", "n"}
    assert set(tree["systems"]) == {"ours", ALWAYS_FRONT, RANDOM, MONO}
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.json"]


def test_silence_counts_where_it_has_a_figure_and_is_named_where_not(folders):
    reference, generated = folders
    write(generated / "clip0.wav", gain=0)
    found = spatial(reference, {"ours": generated})
    ours = scores(found, "ours").intervals
    assert ours["angle"].n == 2
    assert ours["published_angle"].n == 3
    named = " ".join(finding.detail for finding in found.findings if finding.clip == "clip0")
    assert all(key in named for key in ("angle", "angle_over_time", "diffuseness", "map_auc_5"))


def test_generated_silence_is_named_whatever_is_measured(folders):
    reference, generated = folders
    write(generated / "clip0.wav", gain=0)
    heard = evaluate(reference, {"ours": generated}, groups=["semantic"])
    assert (findings(heard)["clip0"].kind, findings(heard)["clip0"].counted) == ("silent", True)
    assert scores(heard, "ours").intervals["kl_judge"].n == 3
    placed = evaluate(reference, {"ours": generated}, groups=["spatial"])
    silent = [finding for finding in placed.findings if finding.kind == "silent"]
    assert [(finding.clip, finding.counted) for finding in silent] == [("clip0", False)]


def test_figures_of_a_set_that_are_not_defined_have_no_clips(folders, tmp_path):
    reference, _generated = folders
    write(tmp_path / "one" / "clip0.wav")
    found = scores(evaluate(reference, {"one": tmp_path / "one"}, groups=["semantic"]), "one").intervals
    assert found["frechet_judge"].n == found["kernel_judge"].n == 0
    assert found["kl_judge"].n == found["inception_judge"].n == 1


def test_processes_find_what_one_process_finds(folders, monkeypatch, tmp_path):
    reference, generated = folders
    alone = to_json(spatial(reference, {"ours": generated}))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "fresh"))
    assert to_json(spatial(reference, {"ours": generated}, jobs=2)) == alone


def test_measurements_are_kept_and_made_again_when_a_file_changes(folders, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "fresh"))
    reference, generated = folders
    before = to_json(spatial(reference, {"ours": generated}))
    kept = list((tmp_path / "fresh").rglob("*.npz"))
    assert len(kept) == 6
    assert to_json(spatial(reference, {"ours": generated})) == before
    write(generated / "clip0.wav", 100, seconds=0.6)
    kept[0].write_bytes(b"damaged")
    changed = spatial(reference, {"ours": generated})
    assert scores(changed, "ours").clips["clip0"]["angle"] == pytest.approx(np.radians(100), abs=1e-6)
    assert scores(changed, "ours").clips["clip1"]["angle"] == pytest.approx(np.radians(30), abs=1e-6)


def test_a_file_that_was_replaced_is_measured_again_though_size_and_time_are_the_same(folders):
    reference, generated = folders
    spatial(reference, {"ours": generated})
    before = (generated / "clip0.wav").stat()
    write(generated / "clip0.wav", 100)
    os.utime(generated / "clip0.wav", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (generated / "clip0.wav").stat().st_size == before.st_size
    found = scores(spatial(reference, {"ours": generated}), "ours")
    assert found.clips["clip0"]["angle"] == pytest.approx(np.radians(100), abs=1e-6)


def test_systems_are_compared_on_the_clips_that_both_have(tmp_path):
    for index in range(8):
        write(tmp_path / "reference" / f"clip{index}.wav", 40 * index)
        write(tmp_path / "near" / f"clip{index}.wav", 40 * index + 10)
        if index:
            write(tmp_path / "far" / f"clip{index}.wav", 40 * index + 60)
    found = spatial(tmp_path / "reference", {"near": tmp_path / "near", "far": tmp_path / "far"})
    angle = [one for one in found.comparisons if one.metric == "angle"]
    assert [(one.first, one.second) for one in angle] == [
        ("near", "far"),
        ("near", ALWAYS_FRONT),
        ("far", ALWAYS_FRONT),
    ]
    assert angle[0].n == 7
    assert angle[0].difference == pytest.approx(np.radians(-50), abs=1e-6)
    assert angle[0].p == pytest.approx(2 / 2**7)
    assert angle[0].p_adjusted == pytest.approx(3 * 2 / 2**7)


def test_what_is_heard_is_compared_with_other_clips_and_noise(folders):
    reference, _generated = folders
    found = evaluate(reference, {"same": reference}, groups=["semantic"])
    same = scores(found, "same").intervals
    assert same["kl_judge"].mean == pytest.approx(0, abs=1e-3)
    assert same["similarity_judge"].mean == pytest.approx(1, abs=1e-6)
    assert same["frechet_judge"].mean == pytest.approx(0, abs=1e-6)
    assert scores(found, "noise").intervals["kl_judge"].n == 3
    assert scores(found, "another clip").intervals["kl_judge"].n == 3
    assert scores(found, "recorded sound").intervals["inception_judge"].n == 3
    assert any("too few" in note for note in found.notes)


def test_a_picture_that_cannot_be_read_does_not_stop_the_rest(folders):
    reference, generated = folders
    (reference / "clip0.mp4").write_bytes(b"no video")
    found = evaluate(reference, {"ours": generated}, groups=["spatial", "visual"])
    assert scores(found, "ours").intervals["angle"].n == 3
    assert "picture" in findings(found, "reference")["clip0"].detail


def test_without_videos_figures_about_the_picture_are_left_out(folders):
    reference, generated = folders
    found = evaluate(reference, {"ours": generated}, groups=["spatial", "visual"])
    assert {metric.group for metric in found.metrics} == {"spatial"}
    assert any("no videos" in note for note in found.notes)
    with pytest.raises(UserError, match="no videos"):
        evaluate(reference, {"ours": generated}, groups=["visual"])


def test_unknown_names_are_refused_before_work_begins(folders):
    reference, generated = folders
    with pytest.raises(UserError, match="Choose from spatial"):
        evaluate(reference, {"ours": generated}, groups=["spatiel"])
    with pytest.raises(UserError, match="no sound embedder"):
        evaluate(reference, {"ours": generated}, groups=["semantic"], embedders=["jugde"])
