from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from audiospace.errors import UserError
from audiospace.media import read_jpeg_frames, write_video

HEIGHT, WIDTH = 64, 128


def picture(level, detail=0):
    noise = np.random.default_rng(level).normal(0, 1, (HEIGHT, WIDTH, 1)) * detail
    return np.clip(np.full((HEIGHT, WIDTH, 3), level) + noise, 0, 255).astype(np.uint8)


def timed_video(path, times, sound_seconds=0.0):
    """A Matroska video whose picture k, of grey level 10 k + 20, is shown at times[k] (milliseconds)."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=25)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        video.codec_context.time_base = Fraction(1, 1000)
        video.codec_context.qmin = video.codec_context.qmax = 2
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono") if sound_seconds else None
        for index, time in enumerate(times):
            frame = VideoFrame.from_ndarray(picture(10 * index + 20), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound is not None:
            silence = np.zeros((1, round(8000 * sound_seconds)), np.int16)
            audio = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
            audio.sample_rate, audio.pts = 8000, 0
            container.mux(sound.encode(audio))
    return path


def levels(path, rate):
    return [round((frame.image.mean() - 20) / 10) for frame in read_jpeg_frames(path, frames_per_second=rate)]


def nearest(times, rate, count):
    """The fps filter in words: each time rounded to the new rate; the last picture by then is shown."""
    ticks = [int(time * rate / 1000 + 0.5) for time in times]
    return [
        max(index for index, tick in enumerate(ticks) if tick <= max(slot, ticks[0])) for slot in range(count)
    ]


@pytest.mark.parametrize("rate", [4.0, 8.0])
def test_the_picture_of_a_slot_is_that_of_the_fps_filter(tmp_path, rate):
    times = [0, 60, 130, 180, 190, 300, 430, 570, 700, 820, 940]
    seen = levels(timed_video(tmp_path / "a.mkv", times), rate)
    assert len(seen) >= rate - 1
    assert seen == nearest(times, rate, len(seen))


def test_the_clock_starts_with_the_first_stream(tmp_path):
    times = [500, 620, 750, 880]
    seen = levels(timed_video(tmp_path / "a.mkv", times, sound_seconds=1.0), 8.0)
    assert seen[:7] == [0, 0, 0, 0, 0, 1, 2]


def test_a_clock_that_does_not_start_at_zero(tmp_path):
    path = timed_video(tmp_path / "a.mkv", range(2000, 3000, 125))
    with av.open(str(path)) as container:
        assert container.start_time == 2_000_000
    assert levels(path, 8.0)[:7] == list(range(7))


def test_times_count_slots(tmp_path):
    frames = list(read_jpeg_frames(timed_video(tmp_path / "a.mkv", range(0, 1000, 50)), frames_per_second=8))
    assert [frame.time for frame in frames] == [index / 8 for index in range(len(frames))]
    assert frames[0].image.shape == (HEIGHT, WIDTH, 3)


def test_pictures_lose_more_as_the_encoder_runs_out_of_bits(tmp_path):
    original = np.kron(picture(120, detail=40), np.ones((4, 4, 1), np.uint8))
    height, width = original.shape[:2]
    path = write_video(
        tmp_path / "a.mp4", [original] * 24, frames_per_second=8, height=height, width=width, quality=1
    )
    frames = list(read_jpeg_frames(path, frames_per_second=8))
    assert len(frames) == 24
    errors = [np.abs(frame.image.astype(int) - original).mean() for frame in frames]
    assert errors[-1] > 1.5 * errors[0]


def test_colours_and_range_survive(tmp_path):
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:, :32], image[:, 32:64], image[:, 64:96] = (255, 0, 0), (0, 255, 0), (255, 255, 255)
    path = write_video(
        tmp_path / "a.mp4", [image] * 3, frames_per_second=8, height=HEIGHT, width=WIDTH, quality=1
    )
    seen = next(iter(read_jpeg_frames(path, frames_per_second=8))).image
    for column in (16, 48, 80, 112):
        assert np.abs(seen[32, column].astype(int) - image[32, column]).max() < 12


def test_one_eye_of_a_stereoscopic_video(tmp_path):
    both = np.concatenate([picture(200), picture(40)])
    path = write_video(tmp_path / "a.mp4", [both] * 3, frames_per_second=8, height=2 * HEIGHT, width=WIDTH)
    frame = next(iter(read_jpeg_frames(path, frames_per_second=8)))
    assert frame.image.shape == (HEIGHT, WIDTH, 3)
    assert frame.image.mean() == pytest.approx(200, abs=4)


def test_files_that_hold_no_pictures(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        list(read_jpeg_frames(tmp_path / "none.mp4", frames_per_second=8))
    with pytest.raises(ValueError, match="above 0"):
        list(read_jpeg_frames(tmp_path / "none.mp4", frames_per_second=0))
    cv2.imwrite(str(tmp_path / "a.png"), picture(3))
    with pytest.raises(UserError, match="too short"):
        list(read_jpeg_frames(tmp_path / "a.png", frames_per_second=8))
