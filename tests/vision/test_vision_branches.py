import math
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from audiospace.ambisonics.rotate import foa_matrix
from audiospace.media import Frame, Frames
from audiospace.panorama import directions, sphere_tiling
from audiospace.vision import TILE_CHANNELS, Features, extract, moments, useful_height
from audiospace.vision.branches import ALL_BRANCHES

CLASSES = (207, 546, 978)  # a dog, a guitar, the sea


class ColourEncoder:
    """Recognises how red, green and blue a view is."""

    id = "colours"
    dimensions = 1000
    size = 16

    def encode(self, views: np.ndarray) -> np.ndarray:
        posterior = np.zeros((len(views), 1000), np.float32)
        posterior[:, CLASSES] = views.mean(axis=(1, 2)) / 255.0 / 3.0
        return posterior


def frames(count: int = 3, yaw: float = 0.0) -> Frames:
    """Three coloured lights that wander, seen after the scene was turned to the left by yaw (radians)."""
    d = directions(48, 96)
    images = []
    for k in range(count):
        planes = []
        for azimuth, elevation in ((0.5, 0.3), (2.5, -0.4), (-1.5, 1.1)):
            a = azimuth + 0.1 * k + yaw
            light = np.array(
                [math.cos(a) * math.cos(elevation), math.sin(a) * math.cos(elevation), math.sin(elevation)]
            )
            planes.append(255.0 * np.exp(6.0 * (d @ light - 1.0)))
        images.append(np.stack(planes, axis=-1))
    return Frames(np.stack(images).astype(np.uint8), (np.arange(count) + 0.5) / 4.0)


def test_branches_and_shapes():
    progress: list[int] = []
    features = extract(frames(10), ColourEncoder(), on_progress=progress.append)
    shapes = {name: values.shape for name, values in features.branches.items()}
    assert shapes == {"fov": (10, 28), "panorama": (10, 28), "sphere": (10, 4, 29), "tiles": (10, 24, 29)}
    assert all(values.dtype == np.float32 for values in features.branches.values())
    assert TILE_CHANNELS == 29
    assert progress[-1] == 10
    assert features.encoder == "colours"


def test_an_iterator_is_read_a_few_frames_at_a_time():
    waiting, most = 0, 0
    whole = frames(40)

    def one_by_one() -> Iterator[Frame]:
        nonlocal waiting, most
        for time, image in zip(whole.times, whole.images, strict=True):
            waiting += 1
            most = max(most, waiting)
            yield Frame(float(time), image)

    def consumed(_: int) -> None:
        nonlocal waiting
        waiting = 0

    features = extract(one_by_one(), ColourEncoder(), on_progress=consumed)
    assert most <= 8
    expected = extract(whole, ColourEncoder())
    for name, values in expected.branches.items():
        assert np.array_equal(features.branches[name], values)


def moved(features: Features, degrees: float) -> np.ndarray:
    matrix = foa_matrix(Rotation.from_euler("Z", degrees, degrees=True).as_matrix())
    return np.einsum("ij,tjc->tic", matrix, features.branches["sphere"])


@pytest.mark.parametrize(
    ("degrees", "tolerance"), [(60.0, 0.002), (-120.0, 0.002), (90.0, 0.01), (37.0, 0.01)]
)
def test_turning_the_video_turns_the_moments_as_it_turns_the_sound(degrees: float, tolerance: float):
    still = extract(frames(), ColourEncoder())
    turned = extract(frames(yaw=math.radians(degrees)), ColourEncoder())
    seen = still.branches["sphere"][..., :-1]
    assert np.abs(seen[:, 1:]).max() > 0.02
    assert np.abs(turned.branches["sphere"] - moved(still, degrees))[..., :-1].max() < tolerance


def test_moments_of_one_tile_point_to_it():
    tiling = sphere_tiling()
    tiles = np.zeros((1, 24, 1), np.float32)
    tiles[0, 3] = 2.0
    w, y, z, x = moments(tiles, tiling)[0, :, 0]
    assert w == pytest.approx(2.0 * tiling.weights[3])
    assert np.allclose(np.array([x, y, z]) / w, tiling.directions[3], atol=1e-6)
    assert y > 0.0


def test_moments_of_a_uniform_field_have_no_direction():
    uniform = moments(np.ones((1, 24, 2), np.float32), sphere_tiling())
    assert np.allclose(uniform[0, 0], 1.0)
    assert np.abs(uniform[0, 1:]).max() < 1e-6


def test_the_front_view_sees_the_front():
    images = np.zeros((1, 48, 96, 3), np.uint8)
    images[0, 20:28, 40:56, 1] = 255
    images[0, :, :8, 0] = 255
    features = extract(Frames(images, np.array([0.1])), ColourEncoder())
    assert features.branches["fov"][0, 16] > 0.01
    assert features.branches["fov"][0, 0] == 0.0
    assert features.branches["panorama"][0, 0] > 0.01


@pytest.mark.parametrize(("degrees", "seen"), [(-52, True), (52, True), (66, False), (-66, False)])
def test_the_front_view_opens_120_degrees(degrees: float, seen: bool):
    images = np.zeros((1, 90, 180, 3), np.uint8)
    column = round(90 - degrees / 2)
    images[0, 40:50, column - 2 : column + 2, 1] = 255
    features = extract(Frames(images, np.array([0.1])), ColourEncoder())
    assert (features.branches["fov"].max() > 0.0) == seen


def test_no_frames():
    with pytest.raises(ValueError, match="no frames"):
        extract(iter([]), ColourEncoder())


def test_useful_height_is_about_three_views():
    assert useful_height(224) == pytest.approx(762, abs=2)


class Counting(ColourEncoder):
    """Counts the views that it is asked to look at."""

    def __init__(self) -> None:
        self.seen = 0

    def encode(self, views: np.ndarray) -> np.ndarray:
        self.seen += len(views)
        return super().encode(views)


def test_branches_are_given_as_asked_for_and_do_not_depend_on_each_other():
    everything = extract(frames(), ColourEncoder(), branches=ALL_BRANCHES).branches
    assert set(everything) == set(ALL_BRANCHES)
    for name in ALL_BRANCHES:
        alone = extract(frames(), ColourEncoder(), branches=[name]).branches
        assert set(alone) == {name}
        np.testing.assert_array_equal(alone[name], everything[name])


def test_only_what_is_asked_for_is_looked_at():
    encoder = Counting()
    extract(frames(), encoder, branches=["eac", "fov"])
    assert encoder.seen == 2 * 3
    encoder = Counting()
    extract(frames(), encoder)
    assert encoder.seen == (24 + 2) * 3


def test_all_six_faces_of_the_cubemap_are_seen_alike():
    nearest_axis = np.abs(directions(48, 96)).argmax(axis=-1)
    frame = np.stack([np.where(nearest_axis == axis, 255, 0) for axis in range(3)], axis=-1)[None]
    whole = Frames(frame.astype(np.uint8), np.array([0.1]))
    seen = extract(whole, ColourEncoder(), branches=["eac"]).branches["eac"][0]
    coloured = seen[seen > 0.0]
    assert len(coloured) == 3
    np.testing.assert_allclose(coloured, coloured.mean(), rtol=0.1)


def test_an_unknown_branch_is_refused():
    with pytest.raises(ValueError, match="branches"):
        extract(frames(), ColourEncoder(), branches=["cubes"])
