import numpy as np
import pytest
import soundfile as sf

from audiospace.ambisonics import direction, encode
from audiospace.errors import UserError
from audiospace.generation import convert

RATE = 16000


@pytest.fixture
def source(tmp_path):
    signal = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    sf.write(tmp_path / "in.wav", encode(signal, np.radians(40), np.radians(20)).T, RATE, subtype="FLOAT")
    return tmp_path / "in.wav"


def read(path):
    return sf.read(path, always_2d=True)[0].T


@pytest.mark.parametrize("kind", ["ambix", "fuma", "wxyz", "n3d", "youtube6"])
def test_there_and_back_again(source, tmp_path, kind):
    convert(source, tmp_path / "there.wav", target_kind=kind)
    convert(tmp_path / "there.wav", tmp_path / "back.wav", source_kind=kind)
    assert read(tmp_path / "back.wav") == pytest.approx(read(source), abs=1e-6)


def test_fuma_is_wxyz_with_a_quieter_w(source, tmp_path):
    convert(source, tmp_path / "out.wav", target_kind="fuma")
    w, y, z, x = read(source)
    assert read(tmp_path / "out.wav") == pytest.approx(np.stack([w / np.sqrt(2), x, y, z]), abs=1e-6)


def test_rotation_turns_the_scene_to_the_left(source, tmp_path):
    convert(source, tmp_path / "out.wav", rotation=(np.radians(90), 0.0, 0.0))
    found = direction(read(tmp_path / "out.wav"))
    assert np.degrees(found.azimuth) == pytest.approx(130, abs=0.01)
    assert np.degrees(found.elevation) == pytest.approx(20, abs=0.01)


@pytest.mark.parametrize(("kind", "channels"), [("binaural", 2), ("stereo", 2), ("5.1", 6)])
def test_decoding_puts_a_source_at_the_left_on_the_left(source, tmp_path, kind, channels):
    done = convert(source, tmp_path / "out.flac", target_kind=kind)
    sound = read(tmp_path / "out.flac")
    assert done.channels == len(sound) == channels
    assert np.mean(sound[0] ** 2) > 1.5 * np.mean(sound[1] ** 2)
    assert done.gain_decibels == 0


def test_too_loud_sound_is_turned_down_by_one_gain(source, tmp_path):
    loud = read(source) * 20
    sf.write(tmp_path / "loud.wav", loud.T, RATE, subtype="FLOAT")
    done = convert(tmp_path / "loud.wav", tmp_path / "out.flac")
    out = read(tmp_path / "out.flac")
    assert np.abs(out).max() == pytest.approx(1, abs=1e-3)
    assert out / loud == pytest.approx(np.full(loud.shape, 10 ** (done.gain_decibels / 20)), rel=0.2)


def test_six_channels_are_taken_as_youtubes(source, tmp_path):
    six = np.concatenate([read(source), 0.01 * np.ones((2, RATE))])
    sf.write(tmp_path / "six.wav", six.T, RATE, subtype="FLOAT")
    convert(tmp_path / "six.wav", tmp_path / "four.wav")
    assert read(tmp_path / "four.wav") == pytest.approx(read(source), abs=1e-6)
    convert(tmp_path / "six.wav", tmp_path / "again.wav", target_kind="youtube6")
    assert read(tmp_path / "again.wav") == pytest.approx(six, abs=1e-6)


def test_wrong_input_and_output_are_refused(source, tmp_path):
    sf.write(tmp_path / "stereo.wav", np.zeros((100, 2)), RATE)
    with pytest.raises(UserError, match="has 2 channels"):
        convert(tmp_path / "stereo.wav", tmp_path / "out.wav")
    with pytest.raises(UserError, match="has 4 channels, and youtube6 has 6"):
        convert(source, tmp_path / "out.wav", source_kind="youtube6")
    with pytest.raises(UserError, match=r"\.wav or \.flac"):
        convert(source, tmp_path / "out.mp3")
    with pytest.raises(UserError):
        convert(tmp_path / "nothing.wav", tmp_path / "out.wav")
    with pytest.raises(UserError):
        convert(source, tmp_path / "nowhere" / "out.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav", "stereo.wav"]
