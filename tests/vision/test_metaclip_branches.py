import cv2
import numpy as np
import pytest

from audiospace.media import Frame
from audiospace.vision import MetaCLIP, extract_published
from audiospace.vision.published_views import FRONT_FOV, clip_picture, published_grid


@pytest.fixture(scope="module")
def encoder(tiny_clip):
    return MetaCLIP(tiny_clip, batch=4)


def frames(count=5, height=60, width=120):
    rows, columns = np.mgrid[:height, :width]
    for index in range(count):
        waves = [
            np.sin(columns * 2 * np.pi * k / width + index + k) * np.sin(rows * k / 20) for k in (1, 2, 3)
        ]
        yield Frame(index / 8 + 0.0625, (127 + 120 * np.stack(waves, -1)).astype(np.uint8))


def relative(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def test_published_features_are_those_of_each_frame_by_itself(encoder):
    features = extract_published(frames(), encoder, preprocessing="published", frames_at_once=2)
    assert features.encoder == "metaclip-h14"
    assert features.branches.keys() == {"fov", "panorama"}
    for row, frame in enumerate(frames()):
        padded = np.zeros((120, 120, 3), np.uint8)
        padded[30:90] = frame.image
        panorama = encoder.encode(clip_picture(padded, 224)[None])[0]
        assert relative(features.branches["panorama"][row], panorama) < 1e-5
        grid = published_grid(0.0, 0.0, FRONT_FOV, 224, (60, 120))
        bgr = frame.image[..., ::-1]
        front = cv2.remap(bgr, grid.map_x, grid.map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
        front = cv2.imdecode(cv2.imencode(".jpg", front)[1], cv2.IMREAD_COLOR)[..., ::-1]
        front = encoder.encode(np.ascontiguousarray(front)[None])[0]
        assert relative(features.branches["fov"][row], front) < 1e-5
        assert features.times[row] == frame.time


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
def test_batches_do_not_change_the_result(encoder, at_once):
    expected = extract_published(frames(), encoder, frames_at_once=5)
    features = extract_published(frames(), encoder, frames_at_once=at_once)
    for name, values in expected.branches.items():
        assert values.shape == (5, 24)
        assert np.abs(features.branches[name] - values).max() < 1e-5


def test_direct_and_published_are_close_on_a_smooth_video(encoder):
    direct = extract_published(frames(), encoder, preprocessing="direct")
    published = extract_published(frames(), encoder, preprocessing="published")
    for name, values in published.branches.items():
        assert relative(direct.branches[name], values) < 0.05
    assert not np.array_equal(direct.branches["fov"], published.branches["fov"])


def test_branches_are_told_apart(encoder):
    """Only what is behind changes: the front view does not."""
    image = next(frames(1)).image
    behind = image.copy()
    behind[:, :10] = behind[:, -10:] = 0
    features = extract_published([Frame(0.0, image), Frame(0.1, behind)], encoder)
    assert np.abs(np.diff(features.branches["fov"], axis=0)).max() < 1e-6
    assert np.abs(np.diff(features.branches["panorama"], axis=0)).max() > 1e-3


def test_frames_are_read_a_few_at_a_time_and_counted(encoder):
    read, seen = [], []

    def counted():
        for frame in frames(5):
            read.append(frame.time)
            yield frame

    extract_published(
        counted(), encoder, frames_at_once=2, on_progress=lambda done: seen.append((done, len(read)))
    )
    assert seen == [(2, 2), (4, 4), (5, 5)]


def test_no_frames(encoder):
    with pytest.raises(ValueError, match="no frames"):
        extract_published(iter([]), encoder)
