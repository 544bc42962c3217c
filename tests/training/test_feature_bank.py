import dataclasses

import numpy as np
import pytest

from audiospace.ambisonics import angles, rotation_matrix
from audiospace.errors import UserError
from audiospace.panorama import sphere_tiling
from audiospace.simulate import random_scene
from audiospace.training.feature_bank import FeatureBank
from audiospace.training.finetune import rotate_scene
from audiospace.training.frame_times import frame_times
from audiospace.training.similar_views import NEAREST, OPENINGS, Views

KIND, OTHER = "dog", "train"


class Whiteness:
    """A recogniser that takes whatever is bright for a dog."""

    id, dimensions, size = "whiteness", 1000, 16

    def encode(self, views: np.ndarray) -> np.ndarray:
        posterior = np.zeros((len(views), 1000), np.float32)
        posterior[:, 207] = views.mean(axis=(1, 2, 3)) / 255.0
        return posterior


def bank() -> FeatureBank:
    """A bank whose views of a dog light up channel 0, the more the nearer it is to the centre."""
    offsets = np.radians(np.arange(0, 60, 2.0)).astype(np.float32)
    seen = np.zeros((len(offsets), 29), np.float32)
    seen[:, 0] = np.exp(-((offsets / 0.5) ** 2))
    dog = Views(offsets, np.full(len(offsets), 0.6, np.float32), np.zeros(len(offsets), np.int64), seen)
    empty_tiles = np.zeros((1, 24, 29), np.float32)
    empty_tiles[:, 18:, 3] = 0.1  # something that the ground always looks like
    whole = Views(
        np.array([0.0, 1.5], np.float32),
        np.array([0.6, 0.6], np.float32),
        np.array([0, 0]),
        np.eye(2, 28, 5, dtype=np.float32),
    )
    views = {"tiles": {KIND: dog}, "fov": {}, "panorama": {KIND: whole}, "eac": {}}
    empty = {branch: np.zeros((1, 1, 28), np.float32) for branch in OPENINGS} | {"tiles": empty_tiles}
    return FeatureBank(sphere_tiling(24), views, empty)


@pytest.fixture
def scene():
    return random_scene(3, kinds=[KIND], seconds=4.0, sources=(1, 1), moving=1.0, room=0.0, distractors=0.0)


def test_the_moment_points_at_the_source(scene):
    moment = bank().features(scene, 2.0)["sphere"][:, :, 0]
    azimuth, _ = angles(moment[:, [3, 1, 2]])
    true, _ = angles(scene.sources[0].path.direction(frame_times(8, 2.0)))
    assert np.degrees(np.abs(np.angle(np.exp(1j * (azimuth - true))))).max() < 8


def test_a_turned_scene_has_turned_features(scene):
    turn = rotation_matrix(np.radians(60))
    straight, turned = (
        bank().features(s, 2.0)["sphere"][:, :, 0] for s in (scene, rotate_scene(scene, turn))
    )
    expected = straight[:, [3, 1, 2]] @ turn.T
    np.testing.assert_allclose(turned[:, [3, 1, 2]], expected, atol=0.25 * np.abs(expected).max())


def test_an_empty_scene_shows_the_background_where_it_belongs(scene):
    empty = dataclasses.replace(scene, sources=())
    moment = bank().features(empty, 2.0)["sphere"]
    assert not moment[:, :, 0].any()
    assert (moment[:, 2, 3] < 0).all()
    np.testing.assert_allclose(moment[:, [1, 3], 3], 0, atol=1e-6)


def test_a_kind_that_the_bank_has_not_seen_is_background(scene):
    source = dataclasses.replace(scene.sources[0], kind=OTHER)
    stranger = bank().features(dataclasses.replace(scene, sources=(source,)), 2.0)
    empty = bank().features(dataclasses.replace(scene, sources=()), 2.0)
    np.testing.assert_array_equal(stranger["sphere"], empty["sphere"])


def sources_of_sizes(sizes: list[float]) -> Views:
    """Sources seen at offsets of 0, 0.3 and 0.6 radians; their numbers are their features."""
    count = len(sizes)
    return Views(
        np.tile(np.array([0.0, 0.3, 0.6], np.float32), count),
        np.repeat(np.array(sizes, np.float32), 3),
        np.repeat(np.arange(count), 3),
        np.repeat(np.arange(count, dtype=np.float32), 3)[:, None],
    )


def test_a_similar_view_is_the_nearest_in_offset_and_size():
    offset, size = np.array([0.05, 0.58]), np.full(2, 0.5)
    found = dataclasses.replace(
        sources_of_sizes([0.5]), features=np.arange(3, dtype=np.float32)[:, None]
    ).similar(offset, size, 0)
    assert found[:, 0].tolist() == [0.0, 2.0]


def test_views_are_of_the_chosen_source_unless_it_was_not_seen_like_that():
    views = sources_of_sizes([0.5, 0.6, 1.2])
    offset, size = np.array([0.05, 0.58, 0.3]), np.array([0.5, 0.5, 1.2])
    assert views.similar(offset, size, 1)[:, 0].tolist() == [1.0, 1.0, 2.0]


def test_one_of_the_sources_of_the_most_similar_sizes_is_chosen():
    views = sources_of_sizes(list(np.linspace(0.3, 1.2, 2 * NEAREST)))
    rng = np.random.default_rng(0)
    assert {views.choose(0.3, rng) for _ in range(200)} == set(range(NEAREST))
    assert {views.choose(1.2, rng) for _ in range(200)} == set(range(NEAREST, 2 * NEAREST))


def test_a_source_is_shown_by_one_source_of_the_bank(scene):
    tiles = bank().views["tiles"][KIND]
    bright, dark = (
        dataclasses.replace(tiles, source=np.full_like(tiles.source, number), features=share * tiles.features)
        for number, share in ((0, 1.0), (1, 0.1))
    )
    both = Views(
        *(np.concatenate([getattr(v, f.name) for v in (bright, dark)]) for f in dataclasses.fields(Views))
    )
    mixed = dataclasses.replace(bank(), views=bank().views | {"tiles": {KIND: both}})
    whole = bank().features(scene, 2.0)["tiles"][..., 0]
    ratios = set()
    for seed in range(20):
        found = mixed.features(dataclasses.replace(scene, seed=seed), 2.0)["tiles"][..., 0]
        ratio = found[whole > 0] / whole[whole > 0]
        assert np.ptp(ratio) < 1e-5
        ratios.add(round(float(ratio[0]), 3))
    assert ratios == {1.0, 0.1}


def test_every_branch_has_a_row_for_each_step(scene):
    shapes = {name: value.shape for name, value in bank().features(scene, 2.0).items()}
    single = dict.fromkeys(("fov", "panorama", "eac"), (8, 28))
    assert shapes == {"tiles": (8, 24, 29), "sphere": (8, 4, 29), **single}


def test_whole_frames_show_a_source_wherever_it_is(scene):
    features = bank().features(scene, 2.0)
    assert features["panorama"][:, 5:7].any(axis=1).all()
    assert not features["eac"].any()


def test_a_saved_bank_gives_the_same_features(scene, tmp_path):
    bank().save(tmp_path / "bank.npz")
    expected = bank().features(scene, 2.0)
    for name, value in FeatureBank.load(tmp_path / "bank.npz").features(scene, 2.0).items():
        np.testing.assert_array_equal(value, expected[name])


def test_what_is_no_bank_is_refused(tmp_path):
    with pytest.raises(UserError, match="no such"):
        FeatureBank.load(tmp_path / "missing.npz")
    (tmp_path / "text.npz").write_text("not an archive")
    with pytest.raises(UserError, match="damaged"):
        FeatureBank.load(tmp_path / "text.npz")


def test_banks_of_other_scenes_show_other_views():
    one, same, other = (
        FeatureBank.build(Whiteness(), [KIND, OTHER], frames=8, tile_count=24, first=first)
        for first in (0, 0, 100)
    )
    views = [built.views["tiles"][KIND].offset for built in (one, same, other)]
    assert np.array_equal(views[0], views[1])
    assert not np.isin(views[2], views[0]).any()


def test_a_built_bank_knows_every_kind_that_it_was_shown():
    built = FeatureBank.build(Whiteness(), [KIND, OTHER], frames=16, tile_count=24)
    assert set(built.views["tiles"]) == {KIND, OTHER}
    assert built.views["tiles"][KIND].features.shape[1] == 29
    assert built.empty["tiles"].shape[1:] == (24, 29)
    assert built.empty["eac"].shape[1:] == (1, 28)
    assert set(built.views["panorama"]) <= {KIND, OTHER}
