import dataclasses
import shutil
import subprocess

import numpy as np
import pytest
import soundfile as sf
from media_samples import correlation, in_blocks, tones

from audiospace.errors import UserError
from audiospace.media import fit_length, read_audio, resample, write_audio, write_sound


@pytest.mark.parametrize("channels", [1, 2, 4, 6])
def test_wav_round_trip_is_exact(tmp_path, channels):
    sound = tones(0.2, channels)
    audio = read_audio(write_audio(tmp_path / "a.wav", sound, 44_100), channels=channels)
    assert audio.sample_rate == 44_100
    np.testing.assert_array_equal(audio.samples, sound)


def test_float_wav_keeps_levels_beyond_full_scale(tmp_path):
    sound = 3 * tones(0.1)
    np.testing.assert_array_equal(read_audio(write_audio(tmp_path / "a.wav", sound, 48_000)).samples, sound)


def test_flac_round_trip_to_24_bits(tmp_path):
    sound = tones(0.2)
    audio = read_audio(write_audio(tmp_path / "a.flac", sound, 48_000))
    np.testing.assert_allclose(audio.samples, sound, atol=2**-23)


def test_integer_formats_refuse_to_clip(tmp_path):
    with pytest.raises(ValueError, match="clipped"):
        write_audio(tmp_path / "a.flac", 4 * tones(0.1), 48_000)
    with pytest.raises(ValueError, match="finite"):
        write_audio(tmp_path / "a.wav", np.full((1, 5), np.nan), 48_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_written_in_blocks_it_is_the_same_file(tmp_path, name):
    sound = tones(0.7)
    path = write_audio(tmp_path / f"whole.{name}", sound, 48_000, subtype="PCM_24")
    streamed = write_sound(tmp_path / f"blocks.{name}", in_blocks(sound, 997), subtype="PCM_24")
    assert streamed.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("samples", "kind"), [(268_000_000, "WAV"), (269_000_000, "RF64")])
def test_what_is_too_long_for_wav_becomes_rf64(tmp_path, samples, kind):
    sound = tones(0.1)
    claimed = dataclasses.replace(in_blocks(sound, 100), samples=samples)
    path = write_sound(tmp_path / "a.wav", claimed)
    assert sf.info(path).format == kind
    np.testing.assert_array_equal(read_audio(path).samples, sound)


def test_wrong_number_of_channels(tmp_path):
    path = write_audio(tmp_path / "a.wav", tones(0.1, 2), 48_000)
    with pytest.raises(UserError, match="has 2 sound channels, but 4 are needed"):
        read_audio(path, channels=4)


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"\.wav or \.flac"):
        write_audio(tmp_path / "a.mp3", tones(0.1), 48_000)


@pytest.mark.parametrize("content", [b"", b"this is text, not sound" * 10])
@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp4"])
def test_unreadable_sound_is_a_user_error(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=name):
        read_audio(tmp_path / name)


def test_resampling_keeps_a_sine_and_all_channels_in_phase():
    time = np.arange(44_100) / 44_100
    sound = np.stack([np.sin(2 * np.pi * 440 * time), np.cos(2 * np.pi * 440 * time)])
    out = resample(sound, 44_100, 48_000)
    assert out.shape == (2, 48_000)
    assert out.dtype == np.float32
    later = np.arange(48_000) / 48_000
    inner = slice(500, -500)
    np.testing.assert_allclose(out[0, inner], np.sin(2 * np.pi * 440 * later)[inner], atol=2e-3)
    np.testing.assert_allclose(out[1, inner], np.cos(2 * np.pi * 440 * later)[inner], atol=2e-3)


def test_fit_length_cuts_and_pads():
    sound = np.ones((4, 5), np.float32)
    assert fit_length(sound, 3).shape == (4, 3)
    np.testing.assert_array_equal(fit_length(sound, 7)[:, 4:], [[1, 0, 0]] * 4)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the ffmpeg program to make the file")
@pytest.mark.parametrize(
    ("name", "codec"), [("a.ogg", "libvorbis"), ("a.webm", "libvorbis"), ("a.mka", "flac")]
)
def test_four_channels_come_in_file_order(tmp_path, name, codec):
    sound = tones(1)
    source = write_audio(tmp_path / "s.wav", sound, 48_000)
    command = ["ffmpeg", "-v", "error", "-i", source, "-c:a", codec, "-q:a", "8", tmp_path / name]
    subprocess.run(command, check=True)  # noqa: S603
    read = read_audio(tmp_path / name, channels=4)
    assert (np.diag(correlation(sound, read.samples)) > 0.98).all()
