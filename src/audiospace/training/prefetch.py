"""Batches made in a thread while the step before them is computed."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from audiospace.training.stage import Batch

DEPTH = 2
POLL_SECONDS = 0.1


@contextmanager
def prefetched(make: Callable[[int], Batch], first_step: int) -> Iterator[Callable[[], Batch]]:
    """Make the batches of all steps from the first one on, a few steps ahead of their use.

    Args:
        make: Gives the batch of a step. Called in one thread, in the order of the steps.
        first_step: Number of the first step.

    Yields:
        A function that gives the next batch, or raises what making it raised.
    """
    made: queue.Queue[Batch | Exception] = queue.Queue(DEPTH)
    done = threading.Event()

    def work() -> None:
        step = first_step
        while not done.is_set():
            try:
                item: Batch | Exception = make(step)
            except Exception as error:  # noqa: BLE001 - raised again by whoever asks for the batch
                item = error
            _offer(made, item, done)
            if isinstance(item, Exception):
                return
            step += 1

    def take() -> Batch:
        item = made.get()
        if isinstance(item, Exception):
            raise item
        return item

    thread = threading.Thread(target=work, name="batches", daemon=True)
    thread.start()
    try:
        yield take
    finally:
        done.set()
        thread.join()


def _offer(made: queue.Queue[Batch | Exception], item: Batch | Exception, done: threading.Event) -> None:
    """Put an item into the queue as soon as there is room, unless nobody wants it any more."""
    while not done.is_set():
        try:
            made.put(item, timeout=POLL_SECONDS)
        except queue.Full:
            continue
        return
