from fractions import Fraction

import numpy as np
import pytest
from media_samples import HEIGHT, LEVELS, WIDTH, in_blocks, index_of, lag, regular, tones, write_pictures

from audiospace.errors import UserError
from audiospace.media import load_frames, read_audio, read_frames, read_spatial, video_duration, write_video
from audiospace.media.timeline import read_timeline

RATES = [Fraction(12), Fraction(16), Fraction(24), Fraction(30000, 1001), Fraction(60)]


def shown(times, time):
    """Index of the picture on screen at a time."""
    return max(k for k, begins in enumerate(times) if begins <= time + 1e-9)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("wanted", [4, 7.5, 25, 60])
def test_pictures_are_those_on_screen_at_their_time(tmp_path, rate, wanted):
    times = regular(rate, 2)
    path = write_pictures(tmp_path / "a.mp4", times, rate=rate)
    frames = load_frames(path, frames_per_second=wanted)
    assert len(frames.times) == max(1, round(float(len(times) / rate) * wanted))
    np.testing.assert_allclose(frames.times, (np.arange(len(frames.times)) + 0.5) / wanted)
    expected = [shown(times, t) % LEVELS for t in frames.times]
    assert [index_of(image) for image in frames.images] == expected


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".mkv", "h264"), (".webm", "libvpx"), (".webm", "libvpx-vp9")]
)
def test_variable_rate_is_read_by_timestamp(tmp_path, suffix, codec):
    gaps = [1, 1, 8, 1, 3, 1, 12, 2, 2, 6, 1, 1, 9, 1, 5, 2, 7, 1]
    times = [Fraction(sum(gaps[:k]), 30) for k in range(len(gaps))]
    path = write_pictures(tmp_path / f"a{suffix}", times, codec=codec, first=Fraction(1, 5))
    timeline = read_timeline(path)
    assert timeline.variable_rate
    assert float(timeline.start) == pytest.approx(0.2, abs=0.002)
    frames = load_frames(path, frames_per_second=20)
    expected = [shown(times, t) for t in frames.times]
    assert [index_of(image) for image in frames.images] == expected


@pytest.mark.parametrize("rate", RATES)
def test_duration_is_that_of_the_pictures(tmp_path, rate):
    times = regular(rate, 1.5)
    path = write_pictures(tmp_path / "a.mp4", times, rate=rate)
    assert video_duration(path) == pytest.approx(float(len(times) / rate), abs=1e-4)
    assert not read_timeline(path).variable_rate


def test_b_frames_come_in_order_and_start_at_zero(tmp_path):
    times = regular(25, 2)
    path = write_pictures(tmp_path / "a.mp4", times, rate=Fraction(25), bf="3", preset="medium")
    assert read_timeline(path).start == 0
    assert [index_of(f.image) for f in read_frames(path, frames_per_second=25)] == [
        k % LEVELS for k in range(50)
    ]


def test_a_part_is_the_same_as_cut_from_the_whole(tmp_path):
    path = write_pictures(tmp_path / "a.mp4", regular(24, 6), rate=Fraction(24), g="12")
    part = load_frames(path, frames_per_second=8, start=3.5, duration=1.25)
    assert part.times[0] == pytest.approx(3.5 + 0.5 / 8)
    assert [index_of(i) for i in part.images] == [int(t * 24 + 1e-9) % LEVELS for t in part.times]
    assert len(part.times) == 10


def test_start_outside_the_video_is_a_user_error(tmp_path):
    path = write_pictures(tmp_path / "a.mp4", regular(24, 1), rate=Fraction(24))
    with pytest.raises(UserError, match="not inside the video"):
        list(read_frames(path, frames_per_second=4, start=5))


@pytest.mark.parametrize(("size", "half"), [((128, 128), np.s_[:64]), ((64, 256), np.s_[:, :128])])
def test_one_eye_of_a_stereoscopic_video(tmp_path, size, half):
    image = np.zeros((*size, 3), np.uint8)
    image[half] = 200
    path = write_video(tmp_path / "a.mp4", [image] * 3, frames_per_second=10, height=size[0], width=size[1])
    eye = load_frames(path, frames_per_second=5, height=64).images
    assert eye.shape[1:] == (64, 128, 3)
    assert eye[:, 4:-4, 4:-4].min() > 190
    assert load_frames(path, frames_per_second=5, eye=False).images.shape[1:3] == size


def test_sizes(tmp_path):
    path = write_pictures(tmp_path / "a.mp4", regular(10, 0.3), rate=Fraction(10))
    assert load_frames(path, frames_per_second=10, height=32).images.shape == (3, 32, 64, 3)
    assert load_frames(path, frames_per_second=10, width=32).images.shape == (3, 16, 32, 3)
    assert load_frames(path, frames_per_second=10, height=20, width=30).images.shape == (3, 20, 30, 3)
    assert load_frames(path, frames_per_second=10).images.shape == (3, HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("rate", RATES)
def test_written_sound_is_as_long_as_the_pictures(tmp_path, rate):
    pictures = [np.full((32, 64, 3), 100, np.uint8)] * round(float(rate))
    sound = tones(0.5, 2, 44_100)
    path = write_video(
        tmp_path / "a.mp4",
        iter(pictures),
        frames_per_second=rate,
        height=32,
        width=64,
        audio=sound,
        sample_rate=44_100,
        spherical=True,
    )
    audio = read_audio(path, channels=2)
    assert audio.duration == pytest.approx(video_duration(path), abs=1 / 44_100)
    assert read_spatial(path).video is not None
    assert [lag(sound[c], audio.samples[c, : sound.shape[1]]) for c in range(2)] == [0, 0]


@pytest.mark.parametrize("seconds", [0.3, 1.0, 1.9])
def test_sound_in_blocks_gives_the_same_video(tmp_path, seconds):
    pictures = [np.full((32, 64, 3), 100, np.uint8)] * 10
    sound = tones(seconds, 2)
    size = {"frames_per_second": 10, "height": 32, "width": 64}
    path = write_video(tmp_path / "a.mp4", pictures, **size, audio=sound, sample_rate=48_000)
    streamed = write_video(tmp_path / "b.mp4", pictures, **size, audio=in_blocks(sound, 997))
    assert streamed.read_bytes() == path.read_bytes()
    with pytest.raises(ValueError, match="come together"):
        write_video(tmp_path / "c.mp4", pictures, **size, audio=sound)


def test_a_failed_write_leaves_nothing(tmp_path):
    def broken():
        yield np.zeros((32, 64, 3), np.uint8)
        yield np.zeros((32, 62, 3), np.uint8)

    with pytest.raises(ValueError, match="frame 1"):
        write_video(tmp_path / "a.mp4", broken(), frames_per_second=5, height=32, width=64)
    assert list(tmp_path.iterdir()) == []
