from itertools import chain

import pytest
import torch

from audiospace.training.batches import InMemory, Place
from audiospace.training.latents import LatentSet


@pytest.fixture
def source():
    numbers = torch.arange(10.0)
    return InMemory(LatentSet(numbers.reshape(10, 1, 1).half(), {"fov": numbers.reshape(10, 1, 1)}), seed=3)


def drawn(source, step, place):
    return source.batch(step, place).latents.flatten().tolist()


def test_shares_put_together_are_the_whole_batch(source):
    whole = drawn(source, 4, Place(0, 1, 12))
    for world in (2, 3, 4):
        assert list(chain(*(drawn(source, 4, Place(rank, world, 12)) for rank in range(world)))) == whole


def test_an_item_depends_on_seed_step_and_number_alone(source):
    assert drawn(source, 4, Place(0, 1, 12)) == drawn(source, 4, Place(0, 1, 12))
    assert drawn(source, 4, Place(0, 1, 6)) == drawn(source, 4, Place(0, 1, 12))[:6]
    assert drawn(source, 5, Place(0, 1, 12)) != drawn(source, 4, Place(0, 1, 12))
    assert drawn(InMemory(source.items, 4), 4, Place(0, 1, 12)) != drawn(source, 4, Place(0, 1, 12))


def test_batches_are_in_single_precision_with_their_own_features(source):
    batch = source.batch(0, Place(0, 1, 8))
    assert batch.latents.dtype == torch.float32
    assert torch.equal(batch.latents, batch.features["fov"])


@pytest.mark.parametrize("numbers", [(2, 2, 4), (-1, 2, 4), (0, 3, 4), (0, 1, 0)])
def test_shares_that_are_not_equal_are_refused(numbers):
    with pytest.raises(ValueError, match="equal shares"):
        Place(*numbers)
