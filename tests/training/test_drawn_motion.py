import dataclasses

import numpy as np
import pytest

from audiospace.media import read_frames
from audiospace.panorama import sphere_tiling
from audiospace.simulate import (
    ClipFormat,
    SoundLibrary,
    draw_sounds,
    random_scene,
    still,
    write_clip,
)
from audiospace.training.drawn_motion import drawn_motion, with_motion
from audiospace.vision import moments, tile_motion

RATE, FRAMES_PER_SECOND = 16000, 4.0
TILING = sphere_tiling(24)
LIBRARY = SoundLibrary.procedural()


def scene_of(kind, *, sounding=True, moving=0.0, seed=5):
    drawn = random_scene(
        seed, kinds=[kind], seconds=4.0, sources=(1, 1), moving=moving, room=0.0, distractors=0.0
    )
    source = dataclasses.replace(drawn.sources[0], sounding=sounding, pulse=0.2 if sounding else 0.0)
    if not moving:
        source = dataclasses.replace(source, path=still(0.3, 0.1, 2.0))
    return dataclasses.replace(drawn, sources=(source,), camera_noise=1.0)


def drawn(scene):
    return drawn_motion(scene, draw_sounds(scene, LIBRARY, RATE), FRAMES_PER_SECOND, TILING)


def at_source(scene, motion):
    times = (np.arange(len(motion)) + 0.5) / FRAMES_PER_SECOND
    tiles = (scene.sources[0].path.direction(times) @ TILING.directions.T).argmax(axis=1)
    return motion[np.arange(len(motion)), tiles]


def test_what_sounds_swells_and_what_is_silent_rests():
    loud, silent = (at_source(s, drawn(s)) for s in (scene_of("dog"), scene_of("dog", sounding=False)))
    assert silent.max() < 0.01
    assert loud.max() > 0.1


def test_what_moves_faster_shows_more_motion():
    scene = scene_of("insect", sounding=False, moving=1.0)
    source = scene.sources[0]
    slow = dataclasses.replace(source, path=dataclasses.replace(source.path, times=10 * source.path.times))
    fast, slower = (
        at_source(s, drawn(s)).mean() for s in (scene, dataclasses.replace(scene, sources=(slow,)))
    )
    assert fast > 1.5 * slower > 0.01


@pytest.mark.parametrize(("kind", "moving"), [("dog", 0.0), ("insect", 1.0)])
def test_it_is_the_motion_of_the_clip(tmp_path, kind, moving):
    scene = scene_of(kind, moving=moving)
    video = write_clip(tmp_path, "clip", scene, LIBRARY, ClipFormat(sample_rate=RATE))
    frames = list(read_frames(video.with_suffix(".mp4"), frames_per_second=FRAMES_PER_SECOND))
    images, times = np.stack([f.image for f in frames]), np.array([f.time for f in frames])
    seen = tile_motion(images, times, TILING)
    made = drawn(scene)
    assert made.shape == seen.shape
    assert np.abs(at_source(scene, made).mean() - at_source(scene, seen).mean()) < 0.05
    assert np.corrcoef(made.ravel(), seen.ravel())[0, 1] > 0.8


def test_only_the_motion_of_features_is_replaced():
    rng = np.random.default_rng(0)
    tiles = rng.random((6, 24, 29), dtype=np.float32)
    features = {"tiles": tiles, "sphere": moments(tiles, TILING), "fov": tiles[:, 0, :28]}
    motion = rng.random((6, 24), dtype=np.float32)
    found = with_motion(features, motion, TILING)
    np.testing.assert_array_equal(found["tiles"][..., :28], tiles[..., :28])
    np.testing.assert_array_equal(found["tiles"][..., 28], motion)
    np.testing.assert_allclose(found["sphere"], moments(found["tiles"], TILING), atol=1e-6)
    np.testing.assert_array_equal(found["fov"], features["fov"])
    assert not np.array_equal(features["tiles"][..., 28], motion)
