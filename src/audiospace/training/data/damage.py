"""The samples that could not be used, counted and named."""

import logging
import threading
from dataclasses import dataclass, field

from audiospace.training.data.shard_index import LeftOut

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Damage:
    """What was found so far; several threads may add to it."""

    _found: dict[tuple[str, str], str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, shard: str, sample: str, reason: str) -> None:
        """Take down a sample, and say so the first time.

        Args:
            shard: Address of the shard.
            sample: Name of the sample, or its number where the name is lost.
            reason: What is wrong.
        """
        with self._lock:
            known = (shard, sample) in self._found
            self._found[(shard, sample)] = reason
        if not known:
            _log.warning("skipped sample %s of %s: %s", sample, shard, reason)

    def report(self) -> tuple[LeftOut, ...]:
        """List them.

        Returns:
            Sorted; names are SHARD:SAMPLE.
        """
        with self._lock:
            found = sorted(self._found.items())
        return tuple(LeftOut(f"{shard}:{sample}", reason) for (shard, sample), reason in found)
