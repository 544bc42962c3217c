import numpy as np
import pytest

from audiospace.errors import UserError
from audiospace.media import probe, read_frames, write_video
from audiospace.media.sized_frames import SizedTime, read_sized_frames


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Twelve frames a second for two seconds, each a little brighter than the one before."""
    path = tmp_path_factory.mktemp("sized") / "a.mp4"
    frames = [np.full((64, 128, 3), 10 * k, np.uint8) for k in range(24)]
    return write_video(path, frames, frames_per_second=12, height=64, width=128, quality=5)


def read(video, wanted, **options):
    return list(read_sized_frames(video, wanted, start=probe(video).video.start, **options))


def test_frames_are_those_of_the_plain_reader(video):
    plain = list(read_frames(video, frames_per_second=5, height=32, width=64))
    sized = read(video, [SizedTime(frame.time, 32, 64) for frame in plain])
    assert [frame.time for frame in sized] == [frame.time for frame in plain]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(sized, plain, strict=True))


def test_one_time_may_be_wanted_in_several_sizes(video):
    small, large, own = read(video, [SizedTime(1.01, 16, 32), SizedTime(1.01, 48, 96), SizedTime(1.01)])
    assert small.image.shape == (16, 32, 3)
    assert large.image.shape == (48, 96, 3)
    assert own.image.shape == (64, 128, 3)
    assert all(abs(frame.image.mean() - 120) < 5 for frame in (small, large, own))


def test_after_the_end_the_last_picture_stays(video):
    assert read(video, [SizedTime(9.0, 8, 16)])[0].image.mean() == pytest.approx(230, abs=2)


def test_the_left_eye_is_given(tmp_path):
    both = np.concatenate([np.full((64, 128, 3), 50, np.uint8), np.full((64, 128, 3), 200, np.uint8)])
    video = write_video(tmp_path / "a.mp4", [both] * 2, frames_per_second=2, height=128, width=128)
    for height, width in ((32, 64), (None, None)):
        (frame,) = read(video, [SizedTime(0.1, height, width)], stereo="top-bottom")
        assert frame.image.shape == (height or 64, width or 128, 3)
        assert frame.image.mean() == pytest.approx(50, abs=2)
    across = write_video(
        tmp_path / "b.mp4", [np.rot90(both).copy()] * 2, frames_per_second=2, height=128, width=128
    )
    (frame,) = read(across, [SizedTime(0.1, 64, 32)], stereo="left-right")
    assert frame.image.shape == (64, 32, 3)
    assert frame.image.mean() == pytest.approx(50, abs=2)


def test_a_file_without_pictures_is_refused(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(UserError):
        list(read_sized_frames(path, [SizedTime(0.0)], start=0.0))
