import numpy as np
import pytest

from audiospace.vision import CATEGORIES, category_posterior

NAMES = [category.name for category in CATEGORIES]


def test_names_and_order():
    first = (
        "dog bird rooster insect whale chainsaw clock fire aircraft sea rain train boat road_vehicle tractor"
    )
    rest = "motorcycle guitar strings wind_instrument keys drums stage baby people diver crowd wind water"
    assert NAMES == f"{first} {rest}".split()


def test_a_class_is_in_one_group_at_most():
    indices = [index for category in CATEGORIES for index in category.indices]
    assert len(set(indices)) == len(indices)
    assert min(indices) >= 0
    assert max(indices) < 1000


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (7, "rooster"),
        (207, "dog"),
        (466, "train"),
        (978, "sea"),
        (546, "guitar"),
        (983, "diver"),
        (866, "tractor"),
    ],
)
def test_known_classes(index: int, name: str):
    posterior = np.zeros((2, 1000), np.float32)
    posterior[:, index] = 1.0
    seen = category_posterior(posterior)
    assert seen.shape == (2, 28)
    assert seen[0, NAMES.index(name)] == pytest.approx(1.0)
    assert seen.sum() == pytest.approx(2.0)


def test_an_undecided_recogniser_sees_nothing():
    assert category_posterior(np.full(1000, 1e-3, np.float32)).sum() == 0.0


def test_mass_is_added_within_a_group():
    posterior = np.zeros(1000, np.float32)
    posterior[[402, 420, 546]] = 0.2
    assert category_posterior(posterior)[NAMES.index("guitar")] == pytest.approx(0.588, abs=1e-3)


def test_wrong_length():
    with pytest.raises(ValueError, match="1000"):
        category_posterior(np.zeros((2, 999), np.float32))
