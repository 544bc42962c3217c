"""Work on many clips in several processes, a few at a time, in order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
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
) -> Generator[Outcome, None, None]:
    """Apply a function to tasks, in this process or in several.

    Results wait for their turn, and only a few tasks are under way at a time: memory does not grow with their
    number. Close the generator to end the processes before it is through; they end with this process in any
    case.

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
    started: set[BaseProcess] = set()
    try:
        for task in tasks:
            waiting.append(_hand_out(pool, function, task, started))
            if len(waiting) >= AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BaseException as error:
        # What is under way is not wanted any more: do not let the user wait for it.
        for process in started:
            process.terminate()
        if isinstance(error, BrokenProcessPool):
            raise UserError(
                "a process that measured sounds died, perhaps for want of memory", remedy="Try --jobs 1"
            ) from error
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _hand_out(
    pool: ProcessPoolExecutor, function: Callable[[Task], Outcome], task: Task, started: set[BaseProcess]
) -> Future[Outcome]:
    """Submit a task; a process that starts for it is noted, and inherits that it does not hear Ctrl-C.

    Ignoring it in the process itself would be too late: its imports take seconds.
    """
    children = set(multiprocessing.active_children())
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(function, task)
    finally:
        started |= set(multiprocessing.active_children()) - children
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _prepare(threads: int) -> None:
    """End with the parent even if it is killed, and share the cores."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(threads)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
