from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from audiospace.panorama import directions, eac_to_erp, erp_to_eac


def smooth_scene(height: int) -> np.ndarray:
    x, y, z = np.moveaxis(directions(height, 2 * height), -1, 0)
    planes = [np.sin(3 * x + 1) + y, np.cos(2 * y - z) + 0.5 * x, z * x + np.sin(2 * y)]
    return (127.0 + 50.0 * np.stack(planes, axis=-1)).astype(np.float32)


def detailed_scene(height: int) -> np.ndarray:
    """A picture with detail at many scales, as real frames have: its spectrum falls with frequency."""
    rng = np.random.default_rng(0)
    picture = np.zeros((height, 2 * height, 3))
    d = directions(height, 2 * height)
    for _ in range(80):
        frequency = 2.0 ** rng.uniform(0.0, np.log2(height / 4.0))
        wave = frequency * (d @ rng.normal(size=3)) / np.sqrt(3)
        picture += np.sin(wave + rng.uniform(0, 6))[..., None] * rng.normal(size=3) / np.sqrt(frequency)
    return np.clip(127.0 + 40.0 * picture / picture.std(), 0, 255).astype(np.uint8)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return 10.0 * np.log10(255.0**2 / np.mean((a.astype(float) - b) ** 2))


def ffmpeg_v360(picture: np.ndarray, arguments: str) -> np.ndarray:
    graph = av.filter.Graph()
    height, width = picture.shape[:2]
    source = graph.add_buffer(width=width, height=height, format="rgb24", time_base=Fraction(1, 25))
    view, sink = graph.add("v360", arguments), graph.add("buffersink")
    source.link_to(view)
    view.link_to(sink)
    graph.configure()
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    source.push(frame)
    return sink.pull().to_ndarray(format="rgb24")


@pytest.mark.skipif("v360" not in av.filter.filters_available, reason="this FFmpeg has no v360 filter")
def test_the_layout_is_that_of_ffmpeg():
    scene = smooth_scene(192).astype(np.uint8)
    theirs = ffmpeg_v360(scene, "e:eac:w=388:h=264:interp=cubic")
    assert psnr(erp_to_eac(scene, 128), theirs) > 35
    assert psnr(eac_to_erp(theirs, 192), ffmpeg_v360(theirs, "eac:e:w=384:h=192:interp=cubic")) > 40


@pytest.mark.parametrize("padding", [0, 2])
def test_round_trip_keeps_detail(padding: int):
    scene = detailed_scene(240)
    back = eac_to_erp(erp_to_eac(scene, 160, padding=padding), 240, padding=padding)
    assert psnr(scene, back) > 40


def test_no_step_where_faces_meet():
    scene = smooth_scene(240)
    back = eac_to_erp(erp_to_eac(scene, 160), 240)
    assert np.abs(back - scene).max() < 0.3


def test_faces_show_their_directions():
    d = directions(128, 256).astype(np.float32)
    faces = erp_to_eac(d, 32, padding=0)
    centres = faces.reshape(2, 32, 3, 32, 3)[:, 15:17, :, 15:17].mean(axis=(1, 3))
    expected = [[[0, 1, 0], [1, 0, 0], [0, -1, 0]], [[0, 0, -1], [-1, 0, 0], [0, 0, 1]]]
    assert np.allclose(centres, expected, atol=0.01)


def test_rows_of_faces_are_unbroken():
    faces = erp_to_eac(smooth_scene(240), 160, padding=0)
    steps = np.abs(np.diff(faces, axis=1)).max(axis=(0, 2))
    assert steps[[159, 319]].max() < 1.5 * np.delete(steps, [159, 319]).max()


def test_faces_need_not_be_square():
    scene = smooth_scene(192)
    squeezed = cv2.resize(erp_to_eac(scene, 128, padding=0), (576, 256), interpolation=cv2.INTER_CUBIC)
    assert np.abs(eac_to_erp(squeezed, 192, padding=0) - scene)[30:-30].mean() < 0.5


def test_too_small_for_faces():
    with pytest.raises(ValueError, match="too small"):
        eac_to_erp(np.zeros((8, 12, 3), np.uint8), 64)
