import numpy as np
import pytest

from audiospace.training.data.windows import WindowPlan, cut


def ramp(length):
    """A sound whose samples are their own numbers, in pieces of uneven length."""
    samples = np.tile(np.arange(length, dtype=np.float32), (4, 1))
    return np.array_split(samples, [3, 10, 11, 40], axis=1)


def cuts(length, *, samples=20, stride=25, grid=5, short="pad"):
    return {item.start: item.field for item in cut(ramp(length), WindowPlan(samples, stride, grid, short))}


@pytest.mark.parametrize(
    ("length", "starts"),
    [(20, [0]), (25, [0]), (33, [0, 10]), (32, [0]), (45, [0, 25]), (50, [0, 25]), (59, [0, 25, 35])],
)
def test_windows_begin_on_the_grid_and_end_within_the_sound(length, starts):
    found = cuts(length)
    assert list(found) == starts
    for start, field in found.items():
        assert field.shape == (4, 20)
        assert np.array_equal(field[2], np.arange(start, start + 20))


def test_a_short_sound_is_followed_by_silence():
    (field,) = cuts(12).values()
    assert np.array_equal(field[0], [*range(12), *[0] * 8])


def test_a_short_sound_is_repeated_when_asked():
    (field,) = cuts(8, short="repeat").values()
    assert np.array_equal(field[0], [*range(8), *range(8), *range(4)])


@pytest.mark.parametrize(("length", "short"), [(7, "pad"), (1, "repeat"), (19, "skip"), (0, "pad")])
def test_a_sound_that_is_too_short_gives_nothing(length, short):
    assert cuts(length, short=short) == {}
