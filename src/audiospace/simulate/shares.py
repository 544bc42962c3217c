"""Which recordings a generator may learn from, which the judge of its sounds, and which nobody.

A judge that was trained on the recordings a generator learnt from would reward the generator for repeating
them. So the recordings are shared out once, here, and the shares never meet:

- the test share (fold 5 of files named as in ESC-50 and ESC-10, `FOLD-CLIP-TAKE`; one other original in five)
  is for tests only;
- of files named as in ESC-50 and ESC-10, folds 1 and 2 are the generator's, folds 3 and 4 the judge's;
- others are halved by a hash of their name, so that the same file falls to the same share everywhere.

SimSphere's test split plays the test share. Its train and validation splits play the generator's share, of
which one original in `VALIDATION_SHARE` is for validation; all takes of an original stay together.
"""

import hashlib
import re
from pathlib import Path
from typing import Literal

Share = Literal["generator", "judge", "test"]
Split = Literal["train", "validation", "test"]

SPLITS: tuple[Split, ...] = ("train", "validation", "test")
TEST_SHARE = 5
"""One original in this many is a test recording."""
VALIDATION_SHARE = 6
"""One of the generator's originals in this many is a validation recording."""
SAMPLING_PLUS = frozenset({"1-40730-A", "2-96460-A"})
"""Recordings of ESC-10 under CC Sampling+, which does not allow every use: nothing plays or learns them."""

_ESC_NAME = re.compile(r"([1-5])-(\d+)-[A-Z](-\d+)?")


def share_of(path: Path) -> Share | None:
    """Say what a recording may be used for.

    Args:
        path: A sound file.

    Returns:
        The one share it belongs to, by the rule above; None for a recording that is not to be used at all.
    """
    if path.stem in SAMPLING_PLUS:
        return None
    named = _ESC_NAME.fullmatch(path.stem)
    if named:
        fold = named.group(1)
        return "test" if fold == "5" else "generator" if fold in ("1", "2") else "judge"
    digest = _digest(path.stem)
    if digest[0] % TEST_SHARE == 0:
        return "test"
    return "judge" if digest[1] % 2 else "generator"


def split_of(path: Path) -> Split | None:
    """Say which split of SimSphere may play a recording.

    Args:
        path: A sound file.

    Returns:
        'train', 'validation' or 'test'; None for one that no split may play: the judge's, for the most part.
    """
    share = share_of(path)
    if share == "generator":
        named = _ESC_NAME.fullmatch(path.stem)
        original = named.group(2) if named else path.stem
        return "validation" if _digest(original)[2] % VALIDATION_SHARE == 0 else "train"
    return "test" if share == "test" else None


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.lower().encode()).digest()
