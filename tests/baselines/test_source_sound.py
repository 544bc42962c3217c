import numpy as np
import pytest
from baseline_samples import noise, video, wav, whole

from audiospace.baselines import field_of, mono_of, stereo_of
from audiospace.errors import UserError


def test_mono_is_kept_and_stereo_averaged(tmp_path):
    samples = noise(2, 0.3)
    assert np.allclose(whole(mono_of(wav(tmp_path / "one.wav", samples[:1]))), samples[:1], rtol=0, atol=1e-6)
    mixed = whole(mono_of(wav(tmp_path / "two.wav", samples)))
    assert np.allclose(mixed, samples.mean(axis=0, keepdims=True), rtol=0, atol=1e-6)


@pytest.mark.parametrize("channels", [4, 6])
def test_of_ambisonics_w_is_taken(tmp_path, channels):
    samples = noise(channels, 0.3)
    path = _ambisonic(tmp_path, samples)
    assert np.allclose(whole(mono_of(path)), samples[:1], rtol=0, atol=1e-6)
    assert np.allclose(whole(stereo_of(path)), samples[:1], rtol=0, atol=1e-6)
    assert np.allclose(whole(field_of(path)), samples[:4], rtol=0, atol=1e-6)


def _ambisonic(folder, samples):
    """A file whose six channels are not taken for loudspeakers."""
    if samples.shape[0] == 4:
        return wav(folder / "foa.wav", samples)
    import av

    path = folder / "six.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=48_000, layout="6 channels")
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T.reshape(1, -1)), format="flt", layout="6 channels"
        )
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_stereo_stays_stereo(tmp_path):
    samples = noise(2, 0.3)
    assert np.allclose(whole(stereo_of(wav(tmp_path / "two.wav", samples))), samples, rtol=0, atol=1e-6)


def test_rate_and_length_are_those_wanted(tmp_path):
    path = wav(tmp_path / "a.wav", noise(1, 0.5, rate=16_000), rate=16_000)
    assert mono_of(path).sample_rate == 16_000
    assert mono_of(path).samples == 8_000
    sound = mono_of(path, sample_rate=48_000, samples=30_000)
    samples = whole(sound)
    assert samples.shape == (1, 30_000)
    assert np.abs(samples[:, :23_000]).max() > 0.1
    assert np.all(samples[:, 24_200:] == 0)


def test_a_video_gives_its_own_sound_as_long_as_its_pictures(tmp_path):
    path = video(tmp_path / "a.mp4", 1.0, noise(2, 1.0))
    assert mono_of(path).samples == 48_000
    assert np.abs(whole(mono_of(path))).max() > 0.05


def test_what_cannot_be_played_is_named(tmp_path):
    with pytest.raises(UserError, match=r"silent.mp4: has no sound to play$"):
        mono_of(video(tmp_path / "silent.mp4"))
    with pytest.raises(UserError, match=r"eight.wav: has sound of 8 channels"):
        mono_of(wav(tmp_path / "eight.wav", noise(8, 0.1)))
    with pytest.raises(UserError, match=r"none.wav"):
        mono_of(tmp_path / "none.wav")
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(UserError, match=r"text.wav"):
        mono_of(tmp_path / "text.wav")


def test_what_is_not_finite_is_named(tmp_path):
    samples = noise(1, 0.2)
    samples[0, 700] = np.nan
    with pytest.raises(UserError, match=r"bad.wav: .*not finite"):
        whole(mono_of(wav(tmp_path / "bad.wav", samples)))


def test_a_field_needs_four_channels(tmp_path):
    with pytest.raises(UserError, match="2 sound channels"):
        field_of(wav(tmp_path / "two.wav", noise(2, 0.1)))
