from dataclasses import replace

import numpy as np
import pytest

from audiospace.ambisonics import angular_distance, unit_vector
from audiospace.panorama import area_weights, directions, perspective
from audiospace.simulate import KINDS, LOOK_VARIANTS, Room, Scene, Source, look, orbit, render_frames, still
from audiospace.simulate.frames import draw

HEIGHT = 240
PLACES = [(0, 0), (90, 0), (179, 10), (-179, -30), (45, 80), (0, 89.9), (120, -88), (0, 90)]


def drawn(azimuth, elevation, size_degrees, kind="clock"):
    frame = np.zeros((HEIGHT, 2 * HEIGHT, 3), np.uint8)
    draw(frame, unit_vector(np.radians(azimuth), np.radians(elevation)), np.radians(size_degrees), kind, 0)
    return frame


@pytest.mark.parametrize(("azimuth", "elevation"), PLACES)
def test_sprite_is_centred_on_its_direction(azimuth, elevation):
    weight = (drawn(azimuth, elevation, 30) > 0).any(axis=-1) * area_weights(HEIGHT, 2 * HEIGHT)
    centre = np.tensordot(weight, directions(HEIGHT, 2 * HEIGHT), axes=2)
    truth = unit_vector(np.radians(azimuth), np.radians(elevation))
    assert np.degrees(angular_distance(centre / np.linalg.norm(centre), truth)) < 0.6


@pytest.mark.parametrize(("azimuth", "elevation"), PLACES)
def test_sprite_covers_the_same_part_of_the_sphere_everywhere(azimuth, elevation):
    areas = [
        ((drawn(*place, 30) > 0).any(axis=-1) * area_weights(HEIGHT, 2 * HEIGHT)).sum()
        for place in ((0, 0), (azimuth, elevation))
    ]
    assert areas[1] == pytest.approx(areas[0], rel=0.05)


def test_sprite_is_upright_and_not_mirrored():
    seen = perspective(
        drawn(60, 20, 40), np.radians(60), np.radians(20), fov=np.radians(40), height=96, width=96
    )
    picture = look("clock", 0).astype(np.float64)
    shown = picture[..., :3] * picture[..., 3:] / 255

    def blocks(image):
        return (
            image[: len(image) // 8 * 8, : len(image) // 8 * 8]
            .reshape(8, len(image) // 8, 8, len(image) // 8, 3)
            .mean(axis=(1, 3))
        )

    def likeness(reference):
        return np.corrcoef(blocks(seen.astype(np.float64)).ravel(), blocks(reference).ravel())[0, 1]

    assert likeness(shown) > 0.98
    assert likeness(shown) > max(likeness(shown[:, ::-1]), likeness(shown[::-1])) + 0.01


@pytest.mark.parametrize("variant", range(LOOK_VARIANTS))
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_looks(kind, variant):
    picture = look(kind, variant)
    assert picture.shape == (128, 128, 4)
    assert picture.dtype == np.uint8
    assert picture[64, 64, 3] == 255
    assert picture[0, 0, 3] == 0
    assert picture[..., :3].std() > 10


def moving_scene(room=None):
    path = orbit(np.radians(120), 0.1, 2.0, turn=np.radians(100), seconds=2.0)
    return Scene(4, 2.0, (Source("clock", 0, path, 1.2, 0.0, True, 1, 0.2),), room)


@pytest.mark.parametrize("room", [None, Room((6.0, 5.0, 3.0), (3.0, 2.5, 1.5), 0.4)])
def test_frames_show_the_source_at_its_place_in_time(room):
    scene = moving_scene(room)
    frames = list(render_frames(scene, 5, HEIGHT))
    empty = list(render_frames(replace(scene, sources=()), 5, HEIGHT))
    assert len(frames) == 10
    assert frames[0].shape == (HEIGHT, 2 * HEIGHT, 3)
    for number, (frame, behind) in enumerate(zip(frames, empty, strict=True)):
        changed = (frame != behind).any(axis=-1) * area_weights(HEIGHT, 2 * HEIGHT)
        centre = np.tensordot(changed, directions(HEIGHT, 2 * HEIGHT), axes=2)
        truth = scene.sources[0].path.direction(np.array([(number + 0.5) / 5]))[0]
        assert np.degrees(angular_distance(centre / np.linalg.norm(centre), truth)) < 1.0


def test_source_swells_with_its_sound():
    scene = replace(moving_scene(), sources=(replace(moving_scene().sources[0], path=still(0, 0, 2.0)),))
    empty = list(render_frames(replace(scene, sources=()), 5, HEIGHT))
    activity = np.zeros((1, 10))
    activity[0, 6] = 1.0
    frames = render_frames(scene, 5, HEIGHT, activity=activity)
    areas = [(frame != behind).any(axis=-1).sum() for frame, behind in zip(frames, empty, strict=True)]
    assert np.argmax(areas) == 6
    assert areas[6] > 1.25 * np.median(areas)


def test_same_scene_same_frames():
    first, again = (np.stack(list(render_frames(moving_scene(), 5, 120))) for _ in range(2))
    assert np.array_equal(first, again)


def test_activity_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="activity must be"):
        next(render_frames(moving_scene(), 5, 120, activity=np.zeros((2, 3))))
