import os
import shutil
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from media_samples import regular, tones, write_pictures

from audiospace.errors import UserError
from audiospace.media import load_frames, probe, require_360, write_audio, write_video
from audiospace.panorama import erp_to_eac


def video(path, height, width, image=None):
    picture = np.full((height, width, 3), 90, np.uint8) if image is None else image
    return write_video(path, [picture] * 3, frames_per_second=10, height=height, width=width)


def panorama(height, width):
    """A smooth function on the sphere, drawn equirectangularly."""
    azimuth = np.pi - 2 * np.pi * (np.arange(width) + 0.5) / width
    elevation = (np.pi / 2 - np.pi * (np.arange(height) + 0.5) / height)[:, None]
    x, y, z = np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)
    waves = np.sin(5 * x + 1) + np.sin(7 * y + 2 * z) + np.sin(6 * z - 3 * x)
    return np.repeat((127 + 40 * waves)[:, :, None], 3, axis=2).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("size", "projection", "stereo"),
    [
        ((64, 128), "erp", "mono"),
        ((128, 128), "erp", "top-bottom"),
        ((64, 256), "erp", "left-right"),
        ((128, 192), "eac", "mono"),
    ],
)
def test_layout_from_shape(tmp_path, size, projection, stereo):
    info = probe(video(tmp_path / "a.mp4", *size))
    assert (info.projection, info.stereo) == (projection, stereo)
    assert require_360(info).projection == projection


def test_streams_are_described(tmp_path):
    times = regular(Fraction(30000, 1001), 1)
    path = write_pictures(tmp_path / "a.mp4", times, rate=Fraction(30000, 1001), sound=tones(1, 2))
    info = probe(path)
    assert (info.video.width, info.video.height, info.video.codec) == (128, 64, "h264")
    assert info.video.frame_rate == pytest.approx(29.97, abs=0.01)
    assert info.video.frames == 30
    assert info.duration == pytest.approx(1.001, abs=0.001)
    assert [(a.channels, a.sample_rate, a.codec) for a in info.audio] == [(2, 48_000, "aac")]


@pytest.mark.parametrize("size", [(480, 640), (240, 320), (360, 640), (480, 720), (400, 400)])
def test_flat_video_is_told_apart(tmp_path, size):
    flat = np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8)
    image = np.kron(flat, np.ones((size[0] // 8, size[1] // 8, 1), np.uint8))
    info = probe(video(tmp_path / "a.mp4", *size, image))
    assert info.projection is None
    with pytest.raises(UserError, match=r"does not look like a 360 video .*no spherical metadata"):
        require_360(info)
    assert require_360(info, "erp").projection == "erp"


def test_panorama_squeezed_into_16_to_9_is_recognised_by_its_edges(tmp_path):
    info = probe(video(tmp_path / "a.mp4", 360, 640, panorama(360, 640)))
    assert info.projection == "erp"
    assert "edges meet" in info.evidence


@pytest.mark.parametrize("size", [(360, 540), (360, 640)], ids=["3:2", "16:9"])
def test_cubemap_is_recognised(tmp_path, size):
    cube = cv2.resize(erp_to_eac(panorama(512, 1024), 180), size[::-1], interpolation=cv2.INTER_AREA)
    info = probe(video(tmp_path / "a.mp4", *size, cube))
    assert info.projection == "eac"


def test_two_flat_pictures_on_top_of_each_other_are_no_cubemap(tmp_path):
    source = panorama(720, 1280)
    stacked = np.concatenate([source[200:380, 100:740], source[400:580, 600:1240]])
    assert probe(video(tmp_path / "a.mp4", 360, 640, stacked)).projection is None


def test_part_of_a_panorama_is_not_one(tmp_path):
    cut = panorama(720, 1280)[150:510, 200:840]
    assert probe(video(tmp_path / "a.mp4", 360, 640, cut)).projection is None


def test_black_bars_do_not_make_a_panorama(tmp_path):
    barred = np.zeros((360, 640, 3), np.uint8)
    barred[20:-20, 80:-80] = panorama(640, 1280)[150:470, 300:780]
    assert probe(video(tmp_path / "a.mp4", 360, 640, barred)).projection is None


def test_spherical_metadata_wins_over_shape(tmp_path):
    picture = np.full((96, 128, 3), 90, np.uint8)
    path = write_video(
        tmp_path / "a.mp4", [picture] * 3, frames_per_second=10, height=96, width=128, spherical=True
    )
    info = probe(path)
    assert info.projection == "erp"
    assert "V2" in info.evidence


def test_sound_only(tmp_path):
    info = probe(write_audio(tmp_path / "a.wav", tones(0.5), 48_000))
    assert info.video is None
    assert info.duration == pytest.approx(0.5)
    with pytest.raises(UserError, match="holds sound but no video stream"):
        require_360(info)
    with pytest.raises(UserError, match="holds sound but no video stream"):
        load_frames(info.path, frames_per_second=4)


@pytest.mark.parametrize("read", [probe, lambda path: load_frames(path, frames_per_second=4)])
@pytest.mark.parametrize(
    ("content", "message"), [(b"", "empty"), (b"hello\n" * 50, "not a video"), (bytes(5000), "not a video")]
)
def test_files_that_are_no_media(tmp_path, read, content, message):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(UserError, match=f"a.mp4.*{message}"):
        read(tmp_path / "a.mp4")


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        probe(tmp_path / "a.mp4")
    with pytest.raises(UserError, match="is a folder"):
        probe(tmp_path)


def test_unreadable_file(tmp_path, monkeypatch):
    path = video(tmp_path / "a.mp4", 64, 128)
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser may read anything

        def denied(*_args, **_kwargs):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(UserError, match="permission denied"):
        probe(path)


def cut(path, share):
    data = path.read_bytes()
    target = path.with_name(f"cut{path.suffix}")
    target.write_bytes(data[: int(share * len(data))])
    return target


@pytest.mark.parametrize(("suffix", "codec"), [(".webm", "libvpx"), (".mkv", "h264"), (".mp4", "h264")])
@pytest.mark.parametrize("sound", [None, tones(4, 2)], ids=["silent", "sounding"])
@pytest.mark.parametrize("read", [probe, lambda path: load_frames(path, frames_per_second=4)])
def test_truncated_video(tmp_path, suffix, codec, sound, read):
    times = regular(24, 4)
    path = write_pictures(tmp_path / f"a{suffix}", times, codec=codec, rate=Fraction(24), sound=sound)
    with pytest.raises(UserError, match="truncated"):
        read(cut(path, 0.6))


@pytest.mark.parametrize("read", [probe, lambda path: load_frames(path, frames_per_second=4)])
def test_truncated_after_its_description(tmp_path, read):
    rng = np.random.default_rng(0)
    frames = (rng.integers(0, 255, (64, 128, 3), np.uint8) for _ in range(30))
    path = write_video(tmp_path / "a.mp4", frames, frames_per_second=10, height=64, width=128)
    with pytest.raises(UserError, match="truncated"):
        read(cut(path, 0.6))


def test_a_read_only_folder_is_a_user_error(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("the superuser may write anywhere")
    with pytest.raises(UserError, match="permission denied"):
        video(folder / "a.mp4", 64, 128)
    shutil.rmtree(folder)
