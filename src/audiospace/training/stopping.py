"""SIGTERM and Ctrl-C during training: the step is finished and saved before the process ends."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


class Stopped(Exception):
    """Training was asked to stop, and did after saving a checkpoint.

    Attributes:
        step: Steps done.
        signal: Number of the signal that asked for it.

    Args:
        step: Steps done.
        signal_number: Number of the signal that asked for it.
    """

    def __init__(self, step: int, signal_number: int) -> None:
        super().__init__(f"stopped after step {step}")
        self.step = step
        self.signal = signal_number

    @property
    def status(self) -> int:
        """Exit status by which a shell tells the signal: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.signal


@dataclass
class StopRequest:
    """What has been asked for so far.

    Attributes:
        signal: Number of the signal that came, or 0.
    """

    signal: int = 0


@contextmanager
def stop_requests() -> Iterator[StopRequest]:
    """Note SIGTERM and SIGINT instead of ending at once; a second Ctrl-C ends at once.

    Outside the main thread, where signals cannot be handled, nothing is noted.

    Yields:
        The request, to be looked at between steps.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def note(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and request.signal == signal.SIGINT:
            raise KeyboardInterrupt
        request.signal = number

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
