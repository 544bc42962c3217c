import json

import numpy as np
import pytest
import soundfile as sf

from audiospace.ambisonics import direction, encode, unit_vector
from audiospace.cli.main import run
from audiospace.media import read_audio, write_video
from audiospace.panorama import sphere_tiling
from audiospace.vision.glance import Glance

RATE = 48_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A video with stereo sound, a silent one, a mono sound and a sound field."""
    path = tmp_path_factory.mktemp("given")
    mono = 0.1 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    frames = [np.full((64, 128, 3), 90 + index, dtype=np.uint8) for index in range(12)]
    size = {"frames_per_second": 12, "height": 64, "width": 128}
    write_video(path / "silent.mp4", frames, **size)
    write_video(path / "clip.mp4", frames, **size, audio=np.stack([mono, mono]), sample_rate=RATE)
    sf.write(path / "bird.wav", mono, RATE)
    sf.write(path / "foa.wav", encode(mono, 2.0, -0.3).T, RATE)
    return path


@pytest.fixture
def output(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def command(*words):
    return run([str(word) for word in words])


def assert_refused(status, capsys, output, expected):
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("audiospace: ")
    assert expected in captured.err
    assert list(output.iterdir()) == []


def vector_of(path):
    return direction(read_audio(path).samples).vector


def test_a_baseline_writes_what_generate_writes(folder, output, capsys):
    assert command("baseline", "always-front", folder / "clip.mp4", "-o", output) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == str(output / "clip")
    assert "azimuth +0 degrees, elevation +0 degrees, diffuseness 0.00" in lines[1]
    assert len(list((output / "clip").iterdir())) == 6


def test_options_reach_the_baseline(folder, output, capsys):
    words = ["--azimuth", 90, "--elevation", 30, "--sound", folder / "bird.wav", "--json", "--format", "mov"]
    assert command("baseline", "as", folder / "silent.mp4", "-o", output, *words) == 0
    tree = json.loads(capsys.readouterr().out)
    assert (tree["settings"]["azimuth_degrees"], tree["settings"]["elevation_degrees"]) == (90, 30)
    assert tree["model"]["name"] == "as"
    found = vector_of(output / "silent" / "silent.foa.wav")
    assert found == pytest.approx(unit_vector(np.pi / 2, np.pi / 6), abs=1e-3)
    assert (output / "silent" / "silent.spatial.mov").is_file()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["best", "clip.mp4"], "there is no baseline 'best'"),
        (["random", "none.mp4"], "none.mp4"),
        (["mono", "silent.mp4"], "has no sound to play. Give one to play with --sound"),
        (["mono", "clip.mp4", "--azimuth", "3"], "has no use for a direction. These have: as"),
        (["as", "clip.mp4"], "no direction can be measured"),
        (["as", "clip.mp4", "--azimuth", "3", "--track", "moving"], "does not move"),
        (["as", "silent.mp4", "--sound", "bird.wav"], "has no sound channels: no direction can be measured"),
        (["as", "clip.mp4", "--azimuth", "nan"], "finite angle"),
        (["as", "clip.mp4", "--elevation", "91"], "between -90 and 90"),
        (["random", "clip.mp4", "--room", "vast"], "'vast' is not a room"),
        (["random", "bird.wav"], "holds sound but no video stream"),
        (["random", "clip.mp4", "--format", "webm"], "do not fit into webm"),
        (["motion", "clip.mp4", "--sound", "none.wav"], "none.wav"),
        (["motion", "clip.mp4", "--track", "fast"], "fast"),
    ],
)
def test_a_mistake_is_one_line(folder, output, capsys, monkeypatch, words, expected):
    monkeypatch.chdir(folder)
    assert_refused(command("baseline", *words, "-o", output), capsys, output, expected)


def test_a_sound_alone_is_spatialised_to_a_file(folder, output, capsys, monkeypatch):
    monkeypatch.chdir(output)
    assert command("spatialize", folder / "bird.wav", "--azimuth", -90) == 0
    assert "bird.foa.wav: ambix, 4 channels, 48000 Hz, 1.00 s, azimuth -90" in capsys.readouterr().out
    assert vector_of("bird.foa.wav") == pytest.approx([0, -1, 0], abs=1e-3)


def test_a_reference_gives_the_direction(folder, output, capsys):
    words = ["--reference", folder / "foa.wav", "-o", output / "x.flac", "--json"]
    assert command("spatialize", folder / "bird.wav", *words) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["file"] == str(output / "x.flac")
    assert vector_of(output / "x.flac") == pytest.approx(unit_vector(2.0, -0.3), abs=1e-3)


def test_with_a_video_it_is_delivered(folder, output, monkeypatch):
    tiles = sphere_tiling()
    left = np.argmax(tiles.directions[:, 1])
    motion = np.zeros((12, tiles.count), dtype=np.float32)
    motion[:, left] = 0.5
    seen = Glance(
        times=(np.arange(12) + 0.5) / 12,
        motion=motion,
        change=np.zeros(12, dtype=np.float32),
        looks=np.array([0.5]),
        categories=np.zeros((1, tiles.count, 28), dtype=np.float32),
        directions=tiles.directions,
        weights=tiles.weights,
    )
    monkeypatch.setattr("audiospace.baselines.aims.glance_at", lambda _video, _projection: seen)
    words = ["--video", folder / "silent.mp4", "-o", output, "--by", "motion", "--track", "moving"]
    assert command("spatialize", folder / "bird.wav", *words) == 0
    tree = json.loads((output / "silent" / "silent.json").read_text())
    assert (tree["settings"]["seen_by"], tree["settings"]["track"]) == ("motion", "moving")
    assert vector_of(output / "silent" / "silent.foa.wav") == pytest.approx([0, 1, 0], abs=1e-3)


@pytest.mark.parametrize("name", ["x.mp3", "x.ogg", "x.mp4"])
def test_sound_is_not_written_to_a_folder_that_looks_like_a_file(folder, output, capsys, name):
    status = command("spatialize", folder / "bird.wav", "--azimuth", 1, "-o", output / name)
    assert_refused(status, capsys, output, "written as .wav or .flac")


def test_a_folder_may_have_a_version_in_its_name(folder, output):
    assert command("spatialize", folder / "bird.wav", "--azimuth", 1, "-o", output / "run-1.2") == 0
    assert (output / "run-1.2" / "bird.foa.wav").is_file()


def test_no_folder_is_left_where_a_sound_cannot_be_placed(folder, output, capsys):
    sf.write(folder / "bad.wav", np.full(100, np.nan), RATE, subtype="FLOAT")
    status = command("spatialize", folder / "bad.wav", "--azimuth", 1, "-o", output / "new" / "x.wav")
    assert_refused(status, capsys, output, "not finite")


def test_mono_is_said_to_have_no_direction(folder, output, capsys):
    assert command("baseline", "mono", folder / "clip.mp4", "-o", output) == 0
    assert "direction: none: the sound is the same from everywhere" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bird.wav"], "no direction was given"),
        (["bird.wav", "--by", "motion"], "Give it with --video"),
        (["bird.wav", "--azimuth", "1", "--reference", "foa.wav"], "more than one direction"),
        (["bird.wav", "--azimuth", "1", "--track", "moving"], "does not move"),
        (["bird.wav", "--azimuth", "1", "--format", "mov"], "are of a video"),
        (["bird.wav", "--reference", "bird.wav"], "1 sound channel"),
        (["silent.mp4", "--azimuth", "1"], "has no sound to play\n"),
        (["none.wav", "--azimuth", "1"], "none.wav"),
    ],
)
def test_a_mistake_in_spatialize_is_one_line(folder, output, capsys, monkeypatch, words, expected):
    monkeypatch.chdir(folder)
    assert_refused(command("spatialize", *words, "-o", output), capsys, output, expected)
