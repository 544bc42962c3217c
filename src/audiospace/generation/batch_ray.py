"""The clips of a batch side by side on a Ray cluster, each worker with a model of its own."""

import logging
import math
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from audiospace.errors import MissingExtraError, UserError
from audiospace.generation.batch_engines import OpenWork
from audiospace.generation.batch_videos import BatchClip
from audiospace.generation.batch_work import Outcome, Work

LOCAL = "local"
CPUS_PER_WORKER = 4
"""Processors of a worker without a GPU, where no number of workers is given."""
_OBJECT_STORE_BYTES = 100 * 2**20  # nothing large travels; Ray would take a third of the memory


def run_on_ray(
    clips: Sequence[BatchClip], open_work: OpenWork, *, address: str, workers: int | None, gpus: bool
) -> Generator[Outcome, None, None]:
    """Make clips side by side on a Ray cluster, whose machines see the same files under the same paths.

    Args:
        clips: The clips.
        open_work: Gives what makes one clip; called once by every worker.
        address: "local" to start Ray here for the time of the batch, "auto" for a cluster that this machine
            is part of, or where a cluster listens.
        workers: Number of workers; as many as the cluster has room for if None.
        gpus: Whether the workers are to have GPUs, if there are any.

    Yields:
        Their outcomes, as they come.

    Raises:
        UserError: Ray is not installed, there is no such cluster, or the work cannot begin.
    """
    ray = _import_ray()
    with _connection(ray, address):
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        share = plan_workers(nodes, clips=len(clips), workers=workers, gpus=gpus)
        kind = ray.remote(num_cpus=share.cpus, num_gpus=share.gpus)(_Worker)
        crew: list[Any] = []

        def hire() -> Any:  # noqa: ANN401
            crew.append(kind.remote(open_work))
            return crew[-1]

        try:
            yield from _hand_out(ray, hire, share.workers, clips)
        finally:
            for worker in crew:
                ray.kill(worker)


@dataclass(frozen=True)
class WorkerShare:
    """How a cluster is divided.

    Attributes:
        workers: Number of workers.
        cpus: Processors of each.
        gpus: GPUs of each; below 1 where several share one.
    """

    workers: int
    cpus: int
    gpus: float


def plan_workers(
    nodes: Sequence[dict[str, float]], *, clips: int, workers: int | None, gpus: bool
) -> WorkerShare:
    """Divide a cluster into workers: one for each GPU, or for every four processors where there is none.

    Args:
        nodes: Of each machine, the number of its processors ("CPU") and GPUs ("GPU").
        clips: Number of clips; there are no more workers.
        workers: Number of workers, if the user wants another one.
        gpus: Whether GPUs are used.

    Returns:
        The division; a worker fits into every machine of its kind.

    Raises:
        UserError: No machine has a processor to offer.
    """
    able = [node for node in nodes if node.get("CPU", 0) >= 1]
    if not able:
        raise UserError("the Ray cluster has no processors to offer")
    with_gpus = [node for node in able if gpus and node.get("GPU", 0) >= 1]
    if with_gpus:
        total = int(sum(node["GPU"] for node in with_gpus))
        count = min(clips, total if workers is None else workers)
        each = math.ceil(count / total)
        cpus = min(max(1, int(node["CPU"] / node["GPU"] / each)) for node in with_gpus)
        return WorkerShare(count, cpus, 1 / each)
    smallest = min(int(node["CPU"]) for node in able)
    if workers is None:
        cpus = min(CPUS_PER_WORKER, smallest)
        return WorkerShare(min(clips, sum(int(node["CPU"]) // cpus for node in able)), cpus, 0)
    count = min(clips, workers)
    total = sum(int(node["CPU"]) for node in able)
    return WorkerShare(count, max(1, min(total // count, smallest)), 0)


class _Worker:
    """A process of the cluster that keeps the model loaded."""

    def __init__(self, open_work: OpenWork) -> None:
        self._open_work = open_work
        self._work: Work

    def open(self) -> str:
        """Load the model, and say why it cannot be; errors do not travel well."""
        try:
            self._work = self._open_work()
        except UserError as error:
            return str(error)
        return ""

    def make(self, clip: BatchClip) -> Outcome:
        """Make a clip, with the model loaded before."""
        return self._work(clip, None)


def _import_ray() -> ModuleType:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("making a batch on a Ray cluster", "ray") from error
    module: ModuleType = ray
    return module


@contextmanager
def _connection(ray: ModuleType, address: str) -> Iterator[None]:
    """Connect to a cluster, and leave it at the end; one that the caller uses already is left as it is."""
    if ray.is_initialized():
        yield
        return
    own = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE_BYTES} if address == LOCAL else {}
    with _own_signals():
        try:
            ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False, **own)
        except (ConnectionError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
            raise UserError(
                f"there is no Ray cluster at {address!r} that can be used",
                remedy="Start one with: ray start --head; or use --ray local",
            ) from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep the program's own way of ending when it is terminated: Ray puts its own in the place."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)


def _hand_out(
    ray: ModuleType, hire: Callable[[], Any], workers: int, clips: Sequence[BatchClip]
) -> Generator[Outcome, None, None]:
    """Give every worker a clip as soon as it has nothing to do, the first time when its model is loaded."""
    waiting = deque(clips)
    busy: dict[Any, tuple[Any, BatchClip | None]] = {}

    def occupy(worker: Any) -> None:  # noqa: ANN401
        if waiting:
            clip = waiting.popleft()
            busy[worker.make.remote(clip)] = (worker, clip)

    def enlist() -> None:
        worker = hire()
        busy[worker.open.remote()] = (worker, None)

    for _ in range(workers):
        enlist()
    while waiting or any(clip is not None for _worker, clip in busy.values()):
        (ready, *_others), _rest = ray.wait(list(busy), num_returns=1)
        worker, clip = busy.pop(ready)
        if clip is None:
            _require_opened(ray, ready)
            occupy(worker)
            continue
        try:
            outcome = ray.get(ready)
            occupy(worker)
        except ray.exceptions.RayError as error:  # the worker is dead, or may be in a bad state
            outcome = Outcome(clip.name, clip.video, "failed", 0.0, f"{clip.video}: {_cause(error)}")
            ray.kill(worker)
            if waiting:
                enlist()
        yield outcome


def _require_opened(ray: ModuleType, reference: object) -> None:
    try:
        problem = ray.get(reference)
    except ray.exceptions.RayError as error:
        raise UserError(f"a Ray worker cannot begin ({_cause(error)})") from error
    if problem:
        raise UserError(problem)


def _cause(error: Exception) -> str:
    """The error behind what Ray raises, in one line: Ray's own text holds a whole traceback."""
    cause = getattr(error, "cause", None) or error
    return f"{type(cause).__name__}: {(str(cause).splitlines() or [''])[0]}"
