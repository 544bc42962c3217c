import numpy as np
import pytest

from audiospace.simulate.kinds import KINDS
from audiospace.simulate.sounds import GENERATORS

RATE = 44100


def spectrum_centroid(sound):
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / power.sum())


def test_every_kind_has_a_generator():
    assert tuple(sorted(GENERATORS)) == tuple(sorted(KINDS))


@pytest.mark.parametrize("kind", KINDS)
def test_generator_is_finite_audible_and_in_band(kind):
    sound = GENERATORS[kind](3 * RATE, RATE, np.random.default_rng(7))
    assert sound.shape == (3 * RATE,)
    assert np.isfinite(sound).all()
    assert sound.std() > 1e-4
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / RATE)
    assert power[(frequencies > 20) & (frequencies < 16000)].sum() > 0.9 * power[1:].sum()


@pytest.mark.parametrize("kind", KINDS)
def test_generator_varies_with_the_seed_and_repeats_with_it(kind):
    first, again, other = (GENERATORS[kind](RATE, RATE, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_centroids_order_as_in_nature():
    centroid = {
        kind: np.median(
            [spectrum_centroid(GENERATORS[kind](3 * RATE, RATE, np.random.default_rng(s))) for s in range(3)]
        )
        for kind in ("whale", "wind", "bird", "insect", "tractor", "rain")
    }
    assert centroid["wind"] < centroid["rain"]
    assert centroid["whale"] < centroid["bird"] < centroid["insect"] + 3000
    assert centroid["tractor"] < centroid["rain"]
