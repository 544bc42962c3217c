from dataclasses import replace

import cv2
import numpy as np
import pytest

from audiospace.errors import UserError
from audiospace.generation.look import look, panoramic_frames
from audiospace.media import Layout, probe, write_video
from audiospace.models import FeatureConfig
from audiospace.panorama import erp_to_eac

HEIGHT = 128
ERP = Layout("erp", "mono", "as told")
CONFIG = FeatureConfig(encoder="efficientnet-lite0", frames_per_second=1.0, tile_count=24)


def scene(column=64, row=64):
    """A smooth frame with a bright spot; by default to the left, on the horizon."""
    rows, columns = np.mgrid[:HEIGHT, : 2 * HEIGHT]
    across = np.minimum(np.abs(columns - column), 2 * HEIGHT - np.abs(columns - column))
    spot = np.exp(-((rows - row) ** 2 + across**2) / 200)
    return np.repeat((30 + 200 * spot)[..., None], 3, axis=2).astype(np.uint8)


def video_of(path, image):
    height, width = image.shape[:2]
    return write_video(path, [image] * 6, frames_per_second=6, height=height, width=width, quality=5)


def brightest(image):
    grey = cv2.GaussianBlur(image[..., 0], (0, 0), 3)
    row, column = np.unravel_index(grey.argmax(), grey.shape)
    return column, row


def first(frames):
    return next(iter(frames)).image


def test_yaw_turns_the_scene_to_the_left(tmp_path):
    video = video_of(tmp_path / "a.mp4", scene(column=128))
    turned = first(panoramic_frames(video, ERP, frames_per_second=1, height=HEIGHT, yaw=np.pi / 2))
    assert brightest(turned) == pytest.approx((64, 64), abs=3)


def test_cubemaps_become_the_same_frames(tmp_path):
    image = scene(column=40, row=40)
    cubes = erp_to_eac(image, 92)
    video = video_of(tmp_path / "a.mp4", cubes)
    layout = Layout("eac", "mono", "as told")
    unrolled = first(panoramic_frames(video, layout, frames_per_second=1, height=HEIGHT))
    assert unrolled.shape == image.shape
    assert np.abs(unrolled.astype(int) - image).mean() < 2
    assert brightest(unrolled) == pytest.approx((40, 40), abs=3)


def test_one_eye_of_a_stereoscopic_video_is_looked_at(tmp_path):
    both = np.concatenate([scene(column=64), scene(column=200)])
    video = video_of(tmp_path / "a.mp4", both)
    layout = Layout("erp", "top-bottom", "as told")
    seen = first(panoramic_frames(video, layout, frames_per_second=1, height=HEIGHT))
    assert seen.shape == (HEIGHT, 2 * HEIGHT, 3)
    assert brightest(seen) == pytest.approx((64, 64), abs=3)


def test_features_are_those_the_model_reads_and_kept_for_the_next_time(tmp_path, monkeypatch):
    info = probe(video_of(tmp_path / "a.mp4", scene()))
    steps = []
    features = look(info, ERP, CONFIG, advance=lambda *step: steps.append(step))
    assert features.branches["sphere"].shape == (1, 4, 29)
    assert features.branches["tiles"].shape == (1, 24, 29)
    assert steps[-1] == (1, 1)

    def fail(*_arguments, **_options):
        raise AssertionError("looked again")

    monkeypatch.setattr("audiospace.generation.look.extract", fail)
    again = look(info, ERP, CONFIG, advance=lambda *_step: None)
    assert np.array_equal(again.branches["sphere"], features.branches["sphere"])
    for other in ({"yaw": 1.0}, {"layout": Layout("erp", "top-bottom", "")}):
        layout = other.pop("layout", ERP)
        with pytest.raises(AssertionError, match="looked again"):
            look(info, layout, CONFIG, advance=lambda *_step: None, **other)


def test_a_model_with_an_unknown_encoder_is_refused(tmp_path):
    info = probe(video_of(tmp_path / "a.mp4", scene()))
    with pytest.raises(UserError, match="encoder 'clip'"):
        look(info, ERP, replace(CONFIG, encoder="clip"), advance=lambda *_step: None)
