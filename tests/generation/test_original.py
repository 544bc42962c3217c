import json

import numpy as np
import pytest

from audiospace.ambisonics import from_stereo, rotate, rotation_matrix
from audiospace.errors import UserError
from audiospace.generation import GenerateOptions, generate
from audiospace.media import fit_length, probe, read_audio, write_video

SAMPLES = 48_000


@pytest.fixture(scope="module")
def own():
    """A tone, on the left only."""
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(SAMPLES) / 48_000)
    return np.stack([tone, np.zeros(SAMPLES)]).astype(np.float32)


@pytest.fixture(scope="module")
def sounding_video(own, tmp_path_factory):
    """One second of 360 video with sound of its own."""
    frames = [np.full((64, 128, 3), 90 + index, dtype=np.uint8) for index in range(6)]
    path = tmp_path_factory.mktemp("sounding") / "clip.mp4"
    return write_video(path, frames, frames_per_second=6, height=64, width=128, audio=own, sample_rate=48_000)


@pytest.fixture(scope="module")
def dropped(sounding_video, tiny_model, tmp_path_factory):
    return generate(
        sounding_video,
        output=tmp_path_factory.mktemp("drop"),
        model=tiny_model,
        options=GenerateOptions(steps=1),
    )


def spatial(result):
    return fit_length(read_audio(result.files.spatial).samples, SAMPLES)


def report(result):
    return json.loads(result.files.report.read_text())


def test_the_original_is_dropped_unless_asked_for(dropped, own):
    assert report(dropped)["settings"]["original"] == "drop"
    [stream] = probe(dropped.files.spatial).audio
    assert (stream.codec, stream.channels) == ("aac", 4)
    assert abs(np.corrcoef(spatial(dropped)[0], own[0])[0, 1]) < 0.2


def test_mixed_in_it_stays_on_the_picture_and_out_of_the_other_files(
    own, sounding_video, tiny_model, tmp_path
):
    result = generate(
        sounding_video,
        output=tmp_path,
        model=tiny_model,
        options=GenerateOptions(steps=1, rotate=np.pi / 2, format="mov", original="mix"),
    )
    assert report(result)["settings"]["original"] == "mix"
    assert result.files.spatial.name == "clip.spatial.mov"
    generated = read_audio(result.files.foa).samples
    assert generated == pytest.approx(result.sound, abs=2**-22)
    added = spatial(result) - rotate(generated, rotation_matrix(-np.pi / 2))
    inside = slice(2000, -2000)
    assert added[:, inside] == pytest.approx(from_stereo(own)[:, inside], abs=0.02)


@pytest.mark.parametrize(("container", "codec"), [("mp4", "opus"), ("mov", "pcm_s24le")])
def test_head_locked_it_is_a_stereo_pair_beside_the_same_ambisonics(
    dropped, own, sounding_video, tiny_model, tmp_path, container, codec
):
    result = generate(
        sounding_video,
        output=tmp_path,
        model=tiny_model,
        options=GenerateOptions(steps=1, format=container, original="head-locked"),
    )
    assert report(result)["settings"] == report(dropped)["settings"] | {
        "format": container,
        "original": "head-locked",
    }
    assert result.files.foa.read_bytes() == dropped.files.foa.read_bytes()
    info = probe(result.files.spatial)
    assert [(stream.codec, stream.channels) for stream in info.audio] == [(codec, 6)]
    assert info.spatial_audio.head_locked
    delivered = spatial(result)
    inside = slice(2000, -2000)
    assert delivered[4:, inside] == pytest.approx(own[:, inside], abs=0.03)
    assert np.corrcoef(delivered[0, inside], result.sound[0, inside])[0, 1] > 0.8


@pytest.mark.parametrize("original", ["mix", "head-locked"])
def test_without_an_original_it_is_refused_before_any_work(tiny_video, tmp_path, original):
    with pytest.raises(UserError, match="no sound of its own"):
        generate(
            tiny_video,
            output=tmp_path / "out",
            model="no-such-model",
            options=GenerateOptions(original=original),
        )
    assert not (tmp_path / "out").exists()
