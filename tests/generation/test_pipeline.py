import dataclasses
import json

import av
import numpy as np
import pytest
import soundfile as sf
import torch

import audiospace
from audiospace.ambisonics import (
    binaural,
    direction,
    directions_over_time,
    normalise,
    peak_safe_gain,
    rotate,
    rotation_matrix,
)
from audiospace.errors import UserError
from audiospace.generation import GenerateOptions, SamplerSettings, decode_latents, generate, sample_latents
from audiospace.generation.look import look
from audiospace.kernels import supported_precisions
from audiospace.media import fit_length, probe, read_audio, require_360, resample
from audiospace.model_store import load_model, save_model
from audiospace.training.config import BranchConfig
from audiospace.training.video_branches import with_branches

HERE = supported_precisions(torch.device("cpu"))


@pytest.fixture(scope="module")
def made(tiny_video, tiny_model, tmp_path_factory):
    progress = []
    result = generate(
        tiny_video,
        output=tmp_path_factory.mktemp("out"),
        model=tiny_model,
        options=GenerateOptions(seed=3),
        on_progress=lambda *step: progress.append(step),
    )
    return result, progress


def test_every_file_is_there_and_nothing_else(made):
    result, _progress = made
    folder = result.files.folder
    assert sorted(path.name for path in folder.iterdir()) == [
        "clip.binaural.wav",
        "clip.energy.mp4",
        "clip.energy.png",
        "clip.foa.wav",
        "clip.json",
        "clip.spatial.mp4",
    ]
    assert [path.name for path in folder.parent.iterdir()] == ["clip"]


def test_sound_is_exactly_as_long_as_the_video(made):
    result, _progress = made
    assert result.sound.shape == (4, round(1.25 * 48000))
    foa, rate = sf.read(result.files.foa, always_2d=True)
    assert (foa.shape, rate) == ((60000, 4), 48000)
    assert foa.T == pytest.approx(result.sound, abs=2**-23)
    assert sf.info(result.files.binaural).frames == 60000
    with av.open(str(result.files.energy_video)) as energy:
        video, sound = energy.streams.video[0], energy.streams.audio[0]
        assert (video.width, video.height, video.frames) == (256, 128, 15)
        assert sound.channels == 2


def test_spatial_video_has_the_same_sound(made):
    result, _progress = made
    coded = read_audio(result.files.spatial)
    assert coded.samples.shape[0] == 4
    length = min(coded.samples.shape[1], 60000)
    for channel in range(4):
        shared = np.corrcoef(coded.samples[channel, :length], result.sound[channel, :length])[0, 1]
        assert shared > 0.8


def test_report_says_how_it_was_made(made):
    result, _progress = made
    report = json.loads(result.files.report.read_text())
    assert report["model"] == {"name": "tiny", "sha256": result.model.sha256}
    assert report["settings"]["seed"] == 3
    assert report["settings"]["steps"] == 2
    assert report["settings"]["guidance"] == 2.0
    assert report["settings"]["projection"] == "erp"
    assert report["versions"]["audiospace"] == audiospace.__version__
    assert len(report["directions_over_time"]) >= 2
    assert report["files"] == [path.name for path in result.files.all()]
    stages = ["model", "looking", "sampling", "decoding", "sound files", "spatial video", "energy video"]
    assert list(report["seconds_per_stage"]) == stages


def test_progress_of_each_stage_ends_complete(made):
    _result, progress = made
    last = {stage: (done, total) for stage, done, total in progress}
    assert all(done == total for done, total in last.values())
    assert [done for stage, done, _total in progress if stage == "sampling"] == [0, 1, 2]


def test_a_model_that_was_trained_to_read_cubemaps_is_shown_them(tiny_video, tiny_model, tmp_path):
    loaded = load_model(tiny_model)
    reading = with_branches(loaded.model, BranchConfig(panorama="eac"))
    assert reading.config.branches == {"eac"}
    save_model(reading, tmp_path / "eac.safetensors")
    result = generate(tiny_video, output=tmp_path / "out", model=tmp_path / "eac.safetensors")
    assert result.sound.shape == (4, round(1.25 * 48000))


def test_same_seed_same_sound_and_another_seed_another(made, tiny_video, tiny_model, tmp_path):
    first, _progress = made
    again = generate(tiny_video, output=tmp_path / "a", model=tiny_model, options=GenerateOptions(seed=3))
    assert np.array_equal(first.sound, again.sound)
    assert first.files.foa.read_bytes() == again.files.foa.read_bytes()
    other = generate(tiny_video, output=tmp_path / "b", model=tiny_model, options=GenerateOptions(seed=4))
    assert not np.allclose(first.sound, other.sound, atol=1e-3)


@pytest.mark.parametrize(
    "option",
    [
        {"steps": 3},
        {"guidance": 0.0},
        {"rotate": 1.0},
        {"solver": "midpoint"},
        {"solver": "adams-bashforth"},
        pytest.param(
            {"precision": HERE[-1]}, marks=pytest.mark.skipif(len(HERE) < 2, reason="float32 alone here")
        ),
        {"guidance_interval": (0.2, 0.9)},
        {"guide_global": True},
        {"fast": True},
    ],
)
def test_every_option_changes_the_sound(made, tiny_video, tiny_model, tmp_path, option):
    first, _progress = made
    other = generate(tiny_video, output=tmp_path, model=tiny_model, options=GenerateOptions(seed=3, **option))
    assert not np.array_equal(first.sound, other.sound)


def test_sound_of_the_turned_scene_is_turned_back_for_the_untouched_picture(tiny_video, tiny_model, tmp_path):
    result = generate(
        tiny_video, output=tmp_path, model=tiny_model, options=GenerateOptions(rotate=np.pi / 2)
    )
    coded = read_audio(result.files.spatial).samples[:, :60000]
    back = rotate(result.sound, rotation_matrix(-np.pi / 2))
    for channel in (1, 3):
        assert np.corrcoef(coded[channel], back[channel, : coded.shape[1]])[0, 1] > 0.8
    assert json.loads(result.files.report.read_text())["settings"]["rotate_degrees"] == 90


def test_a_video_longer_than_the_model_gets_sound_to_its_end(tiny_model, tmp_path):
    from audiospace.media import write_video

    frames = [np.full((64, 128, 3), 40 + index, dtype=np.uint8) for index in range(25)]
    video = write_video(tmp_path / "long.mp4", frames, frames_per_second=5, height=64, width=128)
    result = generate(video, output=tmp_path, model=tiny_model)
    assert result.sound.shape == (4, 5 * 48000)
    assert np.sqrt(np.mean(result.sound[0, -24000:] ** 2)) > 1e-4


def test_webm_needs_a_video_that_fits_into_it(tiny_video, tiny_model, tmp_path):
    with pytest.raises(UserError):
        generate(
            tiny_video, output=tmp_path / "out", model=tiny_model, options=GenerateOptions(format="webm")
        )
    assert not (tmp_path / "out").exists()


def test_failing_late_leaves_an_earlier_result_untouched(made, tiny_video, tiny_model, monkeypatch):
    result, _progress = made
    before = {path.name: path.read_bytes() for path in result.files.folder.iterdir()}

    def fail(*_arguments, **_options):
        raise UserError("the disk is full")

    monkeypatch.setattr("audiospace.generation.delivery.write_video", fail)
    with pytest.raises(UserError, match="full"):
        generate(
            tiny_video, output=result.files.folder.parent, model=tiny_model, options=GenerateOptions(seed=9)
        )
    assert {path.name: path.read_bytes() for path in result.files.folder.iterdir()} == before
    assert [path.name for path in result.files.folder.parent.iterdir()] == ["clip"]


@pytest.mark.parametrize("late", ["decoding", "sound files", "energy video"])
def test_interruption_at_any_time_leaves_nothing(tiny_video, tiny_model, tmp_path, late):
    def interrupt(stage, done, total):
        if stage == late and (done or total == 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tiny_video, output=tmp_path / "out", model=tiny_model, on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_streamed_it_is_the_sound_that_whole_arrays_give(made, tiny_video, tiny_model):
    result, _progress = made
    model = load_model(tiny_model).model
    info = probe(tiny_video)
    layout = require_360(info, "auto")
    features = look(info, layout, model.config.features, advance=lambda _done, _count: None)
    latents = sample_latents(model, features.branches, info.duration, SamplerSettings(2, 2.0, 3))
    whole = resample(decode_latents(model, latents), model.config.vae.sample_rate, 48_000)
    whole = normalise(fit_length(whole, 60_000), 48_000).sound
    assert result.sound == pytest.approx(whole, abs=2**-21)
    ears = binaural(whole, 48_000)
    ears *= peak_safe_gain(ears)
    assert read_audio(result.files.binaural).samples == pytest.approx(ears, abs=2**-21)
    track = directions_over_time(whole, 48_000, window=0.5, hop=0.5)
    assert result.directions.vectors == pytest.approx(track.vectors, abs=1e-5)
    assert result.direction.vector == pytest.approx(direction(whole).vector, abs=1e-5)


def test_the_sound_is_read_when_it_is_asked_for(made):
    result = dataclasses.replace(made[0])
    assert "sound" not in vars(result)
    assert result.sound is result.sound


def test_package_offers_generate_and_result():
    assert audiospace.generate is generate
    assert audiospace.Result.__name__ == "Result"
    with pytest.raises(AttributeError):
        _ = audiospace.nothing
