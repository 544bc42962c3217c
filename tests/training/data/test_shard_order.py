from collections import Counter
from itertools import islice

import pytest

from audiospace.training.batches import Place
from audiospace.training.data.order import Lane, Order, Slot

COUNTS = (7, 3, 10, 4)


def first(order, lane, lanes):
    return next(order.slots(lane, lanes))


def read(order, batch_size, steps):
    """The samples of the batches, step by step."""
    place = Place(0, 1, batch_size)
    lanes = order.lanes(batch_size)
    return [
        [first(order, order.lane_of(step, number, place), lanes) for number in range(batch_size)]
        for step in range(steps)
    ]


@pytest.mark.parametrize("block", [1, 3, 128])
@pytest.mark.parametrize("batch_size", [1, 2, 4, 6, 12])
def test_every_epoch_has_every_sample_once(batch_size, block):
    order = Order(COUNTS, 5, block)
    steps = sum(COUNTS) // batch_size
    for epoch in range(3):
        slots = [
            slot for batch in read(order, batch_size, 3 * steps)[epoch * steps :][:steps] for slot in batch
        ]
        assert Counter(slots) == Counter(Slot(s, i) for s, count in enumerate(COUNTS) for i in range(count))


def test_what_does_not_divide_is_left_out_and_nothing_comes_twice():
    order = Order((5, 6), 0, 128)
    slots = [first(order, Lane(lane, at), 2) for lane in (0, 1) for at in range(5)]
    assert len(set(slots)) == 10


def test_lanes_read_different_shards_when_shards_are_equal():
    order = Order((4, 4, 4, 4), 1, 128)
    owners = [{first(order, Lane(lane, at), 4).shard for at in range(4)} for lane in range(4)]
    assert sorted(map(len, owners)) == [1, 1, 1, 1]
    assert set.union(*owners) == {0, 1, 2, 3}


def test_order_depends_on_seed_and_epoch():
    first, second = read(Order(COUNTS, 5, 128), 4, 12)[:6], read(Order(COUNTS, 5, 128), 4, 12)[6:]
    assert first != second
    assert first == read(Order(COUNTS, 5, 128), 4, 6)
    assert first != read(Order(COUNTS, 6, 128), 4, 6)


def test_samples_of_a_shard_are_shuffled_within_blocks():
    order = Order((12,), 2, 4)
    indices = [first(order, Lane(0, at), 1).index for at in range(12)]
    assert [sorted(indices[at : at + 4]) for at in (0, 4, 8)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert indices != sorted(indices)


@pytest.mark.parametrize(
    ("batch_size", "shards", "lanes"), [(8, 3, 2), (8, 100, 8), (7, 3, 1), (256, 200, 64)]
)
def test_lanes_divide_the_batch_and_have_a_shard_each(batch_size, shards, lanes):
    assert Order([5] * shards, 0, 128).lanes(batch_size) == lanes


def test_substitutes_are_drawn_from_the_lanes_own_samples():
    order = Order(COUNTS, 5, 128)
    own = {first(order, Lane(1, at), 2) for at in range(12)}
    drawn = list(islice(order.slots(Lane(1, 3), 2), 200))
    assert drawn[0] == first(order, Lane(1, 3), 2)
    assert set(drawn) == own
    assert drawn == list(islice(Order(COUNTS, 5, 128).slots(Lane(1, 3), 2), 200))
    assert drawn[1:] != list(islice(order.slots(Lane(1, 4), 2), 200))[1:]
