import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from baseline_samples import RATE, glance_of, moving_in, noise, recognised, video, wav, whole

from audiospace.ambisonics import angular_distance, direction, encode, loudness, unit_vector
from audiospace.baselines import (
    BASELINES,
    BaselineOptions,
    Spatialiser,
    Told,
    motion_direction,
    open_baseline,
    place_file,
    random_direction,
    recogniser_direction,
    room_named,
    still_track,
)
from audiospace.errors import UserError
from audiospace.generation import Assignment, DeliveryOptions, generate_with, make_sound
from audiospace.generation.stages import Stages
from audiospace.media import probe, read_audio, require_360


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return video(tmp_path_factory.mktemp("video") / "clip.mp4", 1.0, noise(2, 1.0))


@pytest.fixture(scope="module")
def foa(tmp_path_factory):
    """A sound field from one direction."""
    return wav(tmp_path_factory.mktemp("foa") / "foa.wav", encode(noise(1, 1.0)[0], 2.0, -0.3))


@pytest.fixture(autouse=True)
def seen(monkeypatch):
    """What every video shows: motion to the left, something that sounds to the right."""
    glance = glance_of(moving_in(3), recognised({9: 0.8}))
    monkeypatch.setattr("audiospace.baselines.aims.glance_at", lambda _video, _projection: glance)
    return glance


def made(generator, path, work, *, yaw=0.0):
    info = probe(path)
    assignment = Assignment(info, require_360(info), yaw)
    result = make_sound(generator, assignment, Stages(), work=work)
    return whole(result.sound), result.notes


def heard(generator, path, work, **more):
    return direction(made(generator, path, work, **more)[0]).vector


def near(vector):
    return pytest.approx(np.asarray(vector), abs=2e-3)


def options_for(name, **more):
    """Every option that a baseline heeds."""
    return BaselineOptions(**{key: value for key, value in more.items() if key in BASELINES[name].takes})


@pytest.mark.parametrize("name", BASELINES)
def test_each_makes_sound_of_the_promised_form(name, clip, foa, tmp_path):
    generator = open_baseline(name, options_for(name, reference=foa))
    samples, notes = made(generator, clip, tmp_path)
    assert samples.shape == (4, RATE)
    assert loudness(samples, RATE) == pytest.approx(-23, abs=0.5)
    assert notes == ()
    assert generator.identity.name == name
    json.dumps(generator.settings)


def test_directions_are_those_that_the_functions_give(clip, foa, seen, tmp_path):
    expected = {
        "always-front": [1.0, 0.0, 0.0],
        "random": random_direction("clip", 7),
        "motion": motion_direction(seen),
        "recogniser": recogniser_direction(seen),
        "as": unit_vector(2.0, -0.3),
    }
    for name, vector in expected.items():
        own = wav(tmp_path / "mono.wav", noise(1, 1.0))
        generator = open_baseline(name, options_for(name, reference=foa, seed=7, sound=own))
        assert heard(generator, clip, tmp_path) == near(vector), name


def test_mono_is_w_alone(clip, tmp_path):
    samples, _notes = made(open_baseline("mono"), clip, tmp_path)
    assert samples[0].any()
    assert not samples[1:].any()


def test_the_scene_turns_with_the_direction(clip, tmp_path):
    generator = Spatialiser("as", Told(0.3, 0.4))
    assert heard(generator, clip, tmp_path, yaw=1.0) == near(unit_vector(1.3, 0.4))


@pytest.mark.parametrize(("seconds", "note"), [(0.5, "0.50 s shorter"), (1.7, "0.70 s longer"), (1.05, "")])
def test_another_length_is_told(clip, tmp_path, seconds, note):
    own = wav(tmp_path / "own.wav", noise(1, seconds))
    _samples, notes = made(open_baseline("mono", BaselineOptions(sound=own)), clip, tmp_path)
    assert (note in notes[0]) if note else notes == ()


def test_a_silent_video_needs_a_sound(tmp_path):
    silent = video(tmp_path / "silent.mp4")
    with pytest.raises(UserError, match=r"silent.mp4: has no sound to play.*--sound"):
        made(open_baseline("always-front"), silent, tmp_path)
    own = wav(tmp_path / "own.wav", noise(1, 1.0))
    generator = open_baseline("always-front", BaselineOptions(sound=own))
    assert heard(generator, silent, tmp_path) == near([1.0, 0.0, 0.0])


def test_a_moving_track_follows_what_is_seen(clip, seen, tmp_path, monkeypatch):
    half = len(seen.times) // 2
    passing = glance_of(np.concatenate([moving_in(0, rows=half), moving_in(3, rows=half)]))
    monkeypatch.setattr("audiospace.baselines.aims.glance_at", lambda _video, _projection: passing)
    samples, _notes = made(open_baseline("motion", BaselineOptions(moving=True)), clip, tmp_path)
    first, last = direction(samples[:, :4800]), direction(samples[:, -4800:])
    assert first.azimuth < 0.5 < 1.0 < last.azimuth


def test_a_room_changes_the_sound_and_the_settings(clip, tmp_path):
    (tmp_path / "a").mkdir()
    dry = open_baseline("always-front")
    wet = open_baseline("always-front", BaselineOptions(room=room_named("5x4x3")))
    assert wet.settings != dry.settings
    assert not np.allclose(made(dry, clip, tmp_path / "a")[0], made(wet, clip, tmp_path)[0], atol=1e-3)


def test_what_is_not_heeded_is_refused(foa):
    said = {
        "sound": foa,
        "reference": foa,
        "direction": (0.0, 1.0),
        "moving": True,
        "seed": 1,
        "room": room_named("small"),
    }
    assert set(said) == {field.name for field in fields(BaselineOptions)}
    for name, baseline in BASELINES.items():
        for key, value in said.items():
            options = BaselineOptions(**{key: value})
            if key in baseline.takes:
                assert open_baseline(name, options).settings != open_baseline(name).settings, (name, key)
            else:
                with pytest.raises(UserError, match="has no use for"):
                    open_baseline(name, options)


def test_unknown_names_and_contradictions_are_refused(foa):
    with pytest.raises(UserError, match="always-front, random"):
        open_baseline("best")
    with pytest.raises(UserError, match="Give one"):
        open_baseline("as", BaselineOptions(reference=foa, direction=(0.0, 0.0)))
    with pytest.raises(UserError, match="seed"):
        open_baseline("random", BaselineOptions(seed=-1))


def test_it_is_delivered_as_a_models_sound_is(clip, tmp_path):
    result = generate_with(
        clip,
        open_baseline("random", BaselineOptions(seed=3)),
        output=tmp_path,
        options=DeliveryOptions(format="mov"),
    )
    assert all(path.is_file() for path in result.files.all())
    report = json.loads(result.files.report.read_text())
    assert report["model"] == {"name": "random", "sha256": None}
    assert (report["settings"]["seed"], report["settings"]["format"]) == (3, "mov")
    assert result.direction.vector == near(random_direction("clip", 3))
    assert read_audio(result.files.spatial).samples.shape[0] == 4


def test_what_fails_leaves_nothing(tmp_path):
    silent = video(tmp_path / "silent.mp4")
    with pytest.raises(UserError):
        generate_with(silent, open_baseline("motion"), output=tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["silent.mp4"]


def test_a_file_is_placed_at_its_own_rate_length_and_level(tmp_path):
    samples = noise(1, 0.5, rate=16_000)
    source = wav(tmp_path / "bird.wav", samples, 16_000)
    placed = place_file(source, tmp_path / "new" / "deep", still_track(1.0, 0.5))
    assert placed.path == tmp_path / "new" / "deep" / "bird.foa.wav"
    written = read_audio(placed.path)
    assert written.sample_rate == placed.sample_rate == 16_000
    assert np.allclose(written.samples, encode(samples[0], 1.0, 0.5), rtol=0, atol=2**-22)
    assert angular_distance(placed.direction.vector, unit_vector(1.0, 0.5)) < 1e-3
    assert (placed.gain_decibels, placed.seconds) == (0.0, 0.5)
    assert sorted(path.name for path in placed.path.parent.iterdir()) == ["bird.foa.wav"]


def test_a_loud_file_is_turned_down_and_says_so(tmp_path):
    source = wav(tmp_path / "loud.wav", 20 * noise(1, 0.2))
    placed = place_file(source, tmp_path / "out.flac", still_track(0.0, 0.0))
    assert placed.gain_decibels < -1
    assert np.abs(read_audio(placed.path).samples).max() <= 1


def test_a_file_that_cannot_be_placed_leaves_nothing(tmp_path):
    bad = noise(1, 0.1)
    bad[0, 5] = np.inf
    source = wav(tmp_path / "bad.wav", bad)
    for output in (Path("out/deep"), Path("x.wav"), Path("x.mp3"), Path("bad.wav")):
        with pytest.raises(UserError):
            place_file(source, tmp_path / output, still_track(0.0, 0.0))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.wav"]
