"""Work on many clips in several processes, a few at a time, in order."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

import torch

from audiospace.errors import UserError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

AHEAD = 3
"""Tasks per process that are handed out before their results are taken."""


def default_jobs() -> int:
    """Give the number of processes that this machine has cores for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    function: Callable[[Task], Outcome], tasks: Iterable[Task], *, jobs: int, threads: int = 1
) -> Iterator[Outcome]:
    """Apply a function to tasks, in this process or in several.

    Results wait for their turn, and only a few tasks are under way at a time: memory does not grow with their
    number.

    Args:
        function: Defined in a module, so that processes can import it; may not raise for a task's sake.
        tasks: What to work on.
        jobs: Number of processes; 1 works here.
        threads: Threads of torch in each of several processes.

    Yields:
        Results in the order of the tasks.

    Raises:
        UserError: A process died, as when memory ran out.
    """
    if jobs <= 1:
        yield from map(function, tasks)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare, initargs=(threads,))
    waiting: deque[Future[Outcome]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(function, task))
            if len(waiting) >= AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise UserError(
            "a process that measured sounds died, perhaps for want of memory", remedy="Try --jobs 1"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare(threads: int) -> None:
    """Leave Ctrl-C to the parent, and share the cores."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(threads)
