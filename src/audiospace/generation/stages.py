"""The stages of a long job: how far each one is and how long it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from audiospace.model_store import OnProgress


class Stages:
    """Measures the stages of a job and passes their progress on.

    Attributes:
        seconds: Seconds spent by stage, in the order in which they ended.

    Args:
        on_progress: Called as each stage goes on.
    """

    def __init__(self, on_progress: OnProgress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._on_progress = on_progress

    @contextmanager
    def stage(self, name: str, steps: int = 1) -> Iterator[Callable[[int, int], None]]:
        """Measure one stage.

        Args:
            name: What it is called.
            steps: Number of its steps, as far as it is known at the beginning.

        Yields:
            A function to call with the steps done and their number.
        """
        last = (0, steps)

        def advance(done: int, total: int) -> None:
            nonlocal last
            last = (done, total)
            self.report(name, done, total)

        advance(0, steps)
        begin = time.perf_counter()
        yield advance
        self.seconds[name] = time.perf_counter() - begin
        if last[0] != last[1]:
            advance(last[1], last[1])

    def report(self, name: str, done: int, total: int) -> None:
        """Pass on the progress of something that is not measured by itself.

        Args:
            name: What it is called.
            done: Steps done.
            total: Their number.
        """
        if self._on_progress is not None:
            self._on_progress(name, done, total)
