"""Which recordings train the generator, which the judge of its sounds, and which neither.

A judge that was trained on the recordings a generator learnt from would reward the generator for repeating
them. So the recordings are shared out once, here, and the shares never meet:

- the test split (`simulate.recordings.split_of`: fold 5 of ESC-50 and ESC-10, one other original in five)
  belongs to neither;
- of files named as in ESC-50 and ESC-10, folds 1 and 2 are the generator's, folds 3 and 4 the judge's;
- others are halved by a hash of their name, so that the same file falls to the same share everywhere.
"""

import hashlib
from pathlib import Path
from typing import Literal

from audiospace.simulate.recordings import split_of

Share = Literal["generator", "judge", "test"]

SAMPLING_PLUS = frozenset({"1-40730-A", "2-96460-A"})
"""Recordings of ESC-10 under CC Sampling+, which does not allow every use: nothing is trained on them."""


def share_of(path: Path) -> Share | None:
    """Say what a recording may be used for.

    Args:
        path: A sound file.

    Returns:
        The one share it belongs to, by the rule above; None for a recording that is not to be used at all.
    """
    if path.stem in SAMPLING_PLUS:
        return None
    if split_of(path) == "test":
        return "test"
    fold, dash, rest = path.stem.partition("-")
    if dash and fold in ("1", "2", "3", "4") and rest.partition("-")[0].isdigit():
        return "generator" if fold in ("1", "2") else "judge"
    digest = hashlib.sha256(path.stem.lower().encode()).digest()
    return "judge" if digest[1] % 2 else "generator"
