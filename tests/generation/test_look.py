import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest

from audiospace.errors import UserError
from audiospace.generation.look import choose_preprocessing, look, panoramic_frames
from audiospace.media import Layout, probe, write_video
from audiospace.model_store import load_config
from audiospace.models import FeatureConfig
from audiospace.panorama import erp_to_eac
from audiospace.vision import MetaCLIP
from audiospace.vision.metaclip_weights import FOLDER_VARIABLE

HEIGHT = 128
ERP = Layout("erp", "mono", "as told")
CONFIG = FeatureConfig(encoder="efficientnet-lite0", frames_per_second=1.0, tile_count=24)
METACLIP = FeatureConfig(encoder="metaclip-h14", frames_per_second=4.0)


@pytest.fixture
def _tiny_metaclip(tiny_clip, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tiny_clip))


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
    for other in ({"yaw": 1.0}, {"cubemap": True}, {"layout": Layout("erp", "top-bottom", "")}):
        layout = other.pop("layout", ERP)
        with pytest.raises(AssertionError, match="looked again"):
            look(info, layout, CONFIG, advance=lambda *_step: None, **other)


def test_a_cubemap_is_looked_at_only_when_it_is_wanted(tmp_path):
    info = probe(video_of(tmp_path / "a.mp4", scene()))
    without = look(info, ERP, CONFIG, advance=lambda *_step: None)
    with_it = look(info, ERP, CONFIG, cubemap=True, advance=lambda *_step: None)
    assert set(with_it.branches) - set(without.branches) == {"eac"}
    assert with_it.branches["eac"].shape == without.branches["panorama"].shape
    np.testing.assert_allclose(with_it.branches["sphere"], without.branches["sphere"], atol=1e-4)


def test_frames_may_keep_the_proportions_of_the_video(tmp_path):
    video = video_of(tmp_path / "a.mp4", np.zeros((90, 160, 3), np.uint8))
    assert first(panoramic_frames(video, ERP, frames_per_second=1, height=None)).shape == (90, 160, 3)
    assert first(panoramic_frames(video, ERP, frames_per_second=1, height=64)).shape == (64, 128, 3)


def looked_at(video, layout=ERP, **options):
    return look(probe(video), layout, METACLIP, advance=lambda *_step: None, **options)


def difference(a, b, branch):
    return np.linalg.norm(a.branches[branch] - b.branches[branch]) / np.linalg.norm(b.branches[branch])


@pytest.mark.usefixtures("_tiny_metaclip")
@pytest.mark.parametrize(("preprocessing", "times"), [("direct", 0.125), ("published", 0.0)])
def test_a_model_that_reads_metaclip(tmp_path, preprocessing, times):
    info, steps = probe(video_of(tmp_path / "a.mp4", scene())), []
    features = look(
        info, ERP, METACLIP, preprocessing=preprocessing, advance=lambda *step: steps.append(step)
    )
    assert features.branches.keys() == {"fov", "panorama"}
    assert features.branches["fov"].shape == features.branches["panorama"].shape == (4, 24)
    assert np.allclose(features.times, times + np.arange(4) / 4)
    assert steps[-1] == (4, 4)


@pytest.mark.usefixtures("_tiny_metaclip")
def test_published_features_come_from_lossy_pictures_and_are_near(tmp_path):
    video = video_of(tmp_path / "a.mp4", scene(column=128))
    direct, published = (looked_at(video, preprocessing=name) for name in ("direct", "published"))
    for branch in ("fov", "panorama"):
        assert 0 < difference(published, direct, branch) < 0.05


@pytest.mark.usefixtures("_tiny_metaclip")
def test_cubemaps_look_like_what_they_show(tmp_path):
    image = scene(column=128)
    straight = looked_at(video_of(tmp_path / "a.mp4", image))
    cubes = looked_at(video_of(tmp_path / "b.mp4", erp_to_eac(image, 128)), Layout("eac", "mono", "as told"))
    elsewhere = looked_at(video_of(tmp_path / "c.mp4", scene(column=64)))
    for branch in ("fov", "panorama"):
        assert difference(cubes, straight, branch) < 0.25 * difference(elsewhere, straight, branch)


@pytest.mark.usefixtures("_tiny_metaclip")
@pytest.mark.parametrize("preprocessing", ["direct", "published"])
def test_turning_to_the_left_takes_what_is_at_the_right_to_the_front(tmp_path, preprocessing):
    ahead = looked_at(video_of(tmp_path / "a.mp4", scene(column=128)), preprocessing=preprocessing)
    right = video_of(tmp_path / "b.mp4", scene(column=192))
    turned = looked_at(right, yaw=np.pi / 2, preprocessing=preprocessing)
    still = looked_at(right, preprocessing=preprocessing)
    assert difference(turned, ahead, "fov") < 0.25 * difference(still, ahead, "fov")


@pytest.mark.usefixtures("_tiny_metaclip")
def test_kept_features_need_no_encoder_but_belong_to_its_weights_and_preprocessing(
    tmp_path, tiny_clip, monkeypatch
):
    video = video_of(tmp_path / "a.mp4", scene(column=100))
    features = looked_at(video)

    def fail(*_arguments, **_options):
        raise AssertionError("looked again")

    monkeypatch.setattr("audiospace.generation.look.MetaCLIP", fail)
    assert np.array_equal(looked_at(video).branches["fov"], features.branches["fov"])
    with pytest.raises(AssertionError, match="looked again"):
        looked_at(video, preprocessing="direct")
    other = tmp_path / "other"
    shutil.copytree(tiny_clip, other)
    (other / "config.json").write_text((other / "config.json").read_text() + "\n")
    monkeypatch.setenv(FOLDER_VARIABLE, str(other))
    with pytest.raises(AssertionError, match="looked again"):
        looked_at(video)


def test_metaclip_is_what_the_published_model_names():
    assert MetaCLIP.id == load_config("omniaudio").features.encoder


def test_a_preprocessing_that_the_encoder_has_not_is_refused(tmp_path):
    info = probe(video_of(tmp_path / "a.mp4", scene()))
    with pytest.raises(UserError, match="has no preprocessing 'published'"):
        look(info, ERP, CONFIG, preprocessing="published", advance=lambda *_step: None)


def test_models_with_metaclip_were_trained_on_published_views():
    assert choose_preprocessing(MetaCLIP.id, None) == "published"
    assert choose_preprocessing(MetaCLIP.id, "direct") == "direct"
    assert choose_preprocessing("efficientnet-lite0", None) == "direct"


def test_a_model_with_an_unknown_encoder_is_refused(tmp_path):
    info = probe(video_of(tmp_path / "a.mp4", scene()))
    with pytest.raises(UserError, match="encoder 'clip'"):
        look(info, ERP, replace(CONFIG, encoder="clip"), advance=lambda *_step: None)
