import numpy as np
import pytest

from audiospace.media import user_cache
from audiospace.training.kept_bank import kept_bank

KINDS = ("dog", "train")


class Counting:
    """A recogniser that takes whatever is bright for a dog, and counts its pictures."""

    id, dimensions, size = "counting", 1000, 16

    def __init__(self) -> None:
        self.pictures = 0

    def encode(self, views: np.ndarray) -> np.ndarray:
        self.pictures += len(views)
        posterior = np.zeros((len(views), 1000), np.float32)
        posterior[:, 207] = views.mean(axis=(1, 2, 3)) / 255.0
        return posterior


@pytest.fixture
def encoder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return Counting()


def test_a_bank_is_made_once(encoder):
    made = kept_bank(encoder, KINDS, 4, 24)
    looked_at = encoder.pictures
    again = kept_bank(encoder, KINDS, 4, 24)
    assert encoder.pictures == looked_at > 0
    for kind, views in made.views["tiles"].items():
        np.testing.assert_array_equal(views.features, again.views["tiles"][kind].features)


@pytest.mark.parametrize("other", [{"kinds": KINDS[:1]}, {"frames": 6}, {"tile_count": 28}, {"first": 100}])
def test_another_bank_is_made_anew(encoder, other):
    asked = {"kinds": KINDS, "frames": 4, "tile_count": 24}
    kept_bank(encoder, **asked)
    looked_at = encoder.pictures
    kept_bank(encoder, **(asked | other))
    assert encoder.pictures > looked_at


def test_a_damaged_bank_is_made_anew(encoder):
    kept_bank(encoder, KINDS, 4, 24)
    (kept,) = user_cache("views").iterdir()
    kept.write_bytes(b"damaged")
    assert kept_bank(encoder, KINDS, 4, 24).empty
    assert kept.stat().st_size > 100


def test_a_cache_that_cannot_be_written_does_no_harm(encoder, tmp_path):
    (tmp_path / "audiospace").write_text("a file in the folder's place")
    assert kept_bank(encoder, KINDS, 4, 24).empty
