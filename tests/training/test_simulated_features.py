import dataclasses

import numpy as np
import pytest

from audiospace.ambisonics import rotation_matrix, unit_vector
from audiospace.panorama import sphere_tiling
from audiospace.simulate import KINDS, Scene, Source, orbit, random_scene, still
from audiospace.simulate.trajectory import Trajectory
from audiospace.training.simulated_features import Realism, neighbours, simulate_features
from audiospace.training.simulated_features.background import Background
from audiospace.training.simulated_features.randomness import over_sphere, over_time
from audiospace.training.simulated_features.sightings import seen_share
from audiospace.training.simulated_features.simulation import recognised
from audiospace.vision import CATEGORIES, moments

TILING = sphere_tiling(24)
CERTAIN = Realism(
    recognition=5.0,
    recognition_spread=0.0,
    flicker=0.0,
    tile_flicker=0.0,
    misnamed=0.0,
    size_spread=0.0,
    background=-20.0,
    chatter=-20.0,
    immersed=0.0,
    busy_spread=0.0,
    silent_relief=0.0,
    silent_poles=0.0,
    silent_sky=0.0,
)


def scene_with(kind: str, path: Trajectory, seed: int = 5) -> Scene:
    source = Source(kind, 0, path, 1.5, 0.0, sounding=True, sound_seed=0, pulse=0.0)
    return Scene(seed, 5.0, (source,))


def directions_of(features: dict[str, np.ndarray], kind: str) -> np.ndarray:
    moment = features["sphere"][:, [3, 1, 2], KINDS.index(kind)]
    return moment / np.linalg.norm(moment, axis=1, keepdims=True)


def test_branches_are_those_of_real_videos():
    features = simulate_features(random_scene(0, seconds=10.0), 4.0)
    single = dict.fromkeys(("fov", "panorama", "eac"), (40, 28))
    assert {name: value.shape for name, value in features.items()} == {
        "tiles": (40, 24, 29),
        "sphere": (40, 4, 29),
        **single,
    }
    assert all(value.dtype == np.float32 for value in features.values())
    np.testing.assert_array_equal(features["sphere"], moments(features["tiles"], TILING))


def test_a_scene_and_a_seed_settle_the_features():
    scene = random_scene(4, seconds=3.0)
    first, again, other = (simulate_features(scene, 4.0, seed=seed)["tiles"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(4))
def test_masses_are_probabilities_and_half_of_the_tiles_rest(seed):
    features = simulate_features(random_scene(seed), 4.0)
    mass, motion = features["tiles"][..., :-1], features["tiles"][..., -1]
    assert mass.min() == 0.0
    assert mass.sum(axis=-1).max() <= 1.0
    assert 0.0 <= motion.min() <= motion.max() < 1.0
    assert ((motion == 0.0).sum(axis=1) >= 12).all()


def test_a_recognised_source_is_where_it_is():
    path = orbit(0.4, 0.2, 2.0, turn=2.0, seconds=5.0)
    features = simulate_features(scene_with("guitar", path), 4.0, realism=CERTAIN)
    true = path.direction((np.arange(20) + 0.5) / 4.0)
    angle = np.degrees(np.arccos(np.clip(np.sum(directions_of(features, "guitar") * true, axis=1), -1, 1)))
    assert angle.max() < 12
    assert (features["tiles"][..., :-1].max(axis=1).argmax(axis=1) == KINDS.index("guitar")).all()


def test_a_turned_scene_has_turned_features():
    path, turn = still(0.3, 0.1, 2.0), rotation_matrix(np.radians(120))
    turned = dataclasses.replace(path, directions=path.directions @ turn.T)
    straight, other = (
        directions_of(simulate_features(scene_with("dog", p), 4.0, realism=CERTAIN), "dog")
        for p in (path, turned)
    )
    np.testing.assert_allclose(other, straight @ turn.T, atol=1e-3)


def test_what_is_not_recognised_leaves_the_surroundings_as_they_are():
    blind = Realism(recognition=-40.0, recognition_spread=0.0, immersed=0.0)
    scene = scene_with("dog", still(0.0, 0.0, 2.0))
    seen, empty = (
        simulate_features(s, 4.0, realism=blind)["tiles"][..., :-1]
        for s in (scene, dataclasses.replace(scene, sources=()))
    )
    np.testing.assert_allclose(seen, empty, atol=1e-5)
    assert empty.any()


def test_the_sea_covers_more_of_the_sphere_than_a_dog():
    sea, dog = (
        simulate_features(scene_with(kind, still(0.0, 0.0, 2.0)), 4.0, realism=CERTAIN)["tiles"][
            ..., KINDS.index(kind)
        ]
        for kind in ("sea", "dog")
    )
    assert (sea > 0.1).sum() > 1.5 * (dog > 0.1).sum()


def test_the_front_view_sees_the_front_only():
    front, back = (
        simulate_features(scene_with("dog", still(a, 0.0, 2.0)), 4.0, realism=CERTAIN)["fov"]
        for a in (0.0, np.pi)
    )
    assert front[:, KINDS.index("dog")].min() > 0.3
    assert not back.any()


def test_a_source_that_moves_raises_the_motion_where_it_is():
    moving, resting = (
        np.mean([_motion_near(seed, turn) for seed in range(8)]) for turn in (np.radians(150), 0.0)
    )
    assert moving > 2 * resting


def _motion_near(seed: int, turn: float) -> float:
    path = orbit(0.0, 0.0, 2.0, turn=turn, seconds=5.0)
    motion = simulate_features(scene_with("dog", path, seed), 4.0)["tiles"][..., -1]
    nearest = (path.direction((np.arange(20) + 0.5) / 4.0) @ TILING.directions.T).argmax(axis=1)
    return float(motion[np.arange(20), nearest].mean())


def test_a_single_frame_has_features():
    features = simulate_features(random_scene(1, seconds=0.25), 4.0)
    assert features["tiles"].shape == (1, 24, 29)
    assert np.isfinite(features["tiles"]).all()


def test_evidence_becomes_mass_as_in_a_softmax_less_the_floor():
    categories = np.full((1, 1, 28), -50.0)
    clock = KINDS.index("clock")
    categories[0, 0, clock] = np.log(3.0)
    mass = recognised(Background(categories, np.zeros((1, 1))))
    floor = 0.005 * np.sqrt(len(CATEGORIES[clock].indices))
    assert mass[0, 0, clock] == pytest.approx(0.75 - floor)
    assert np.count_nonzero(mass) == 1


def test_confusions_are_those_that_a_person_would_make():
    likely = neighbours()
    np.testing.assert_allclose(likely.sum(axis=1), 1.0)
    assert not np.diag(likely).any()
    for kind, expected in {"rooster": "bird", "motorcycle": "road_vehicle", "strings": "guitar"}.items():
        assert KINDS[likely[KINDS.index(kind)].argmax()] == expected
    with pytest.raises(ValueError, match="read-only"):
        likely[0, 0] = 1.0


def test_categories_and_kinds_go_by_the_same_names():
    assert tuple(category.name for category in CATEGORIES) == KINDS


def test_series_forget_as_fast_as_told():
    drawn = over_time(np.random.default_rng(0), 400, 0.25, 2.0, 300)
    assert drawn.std() == pytest.approx(1.0, abs=0.03)
    assert np.mean(drawn[8:] * drawn[:-8]) == pytest.approx(np.exp(-1.0), abs=0.03)


def test_functions_of_direction_are_smooth_and_of_unit_variance():
    here, near, far = unit_vector(np.array([0.0, 0.1, 3.0]), np.zeros(3))
    drawn = over_sphere(np.random.default_rng(0), np.stack([here, near, far]), 4.0, 4000)
    assert drawn.std() == pytest.approx(1.0, abs=0.03)
    assert np.mean(drawn[0] * drawn[1]) > 0.9
    assert abs(np.mean(drawn[0] * drawn[2])) < 0.1


def test_a_thing_fades_past_the_edge_and_a_large_one_later():
    offset = np.radians(np.linspace(0, 80, 40))[:, None]
    small, large = (
        seen_share(offset, np.full(40, np.radians(size)), np.array([np.radians(60)]))[:, 0]
        for size in (15.0, 50.0)
    )
    assert (np.diff(small) <= 0).all()
    assert (large >= small).all()
    assert small[0] > -0.1
    assert small[-1] < -8
