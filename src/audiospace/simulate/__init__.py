"""Scenes with exact ground truth, seen and heard."""

from audiospace.simulate.kinds import KINDS
from audiospace.simulate.sources import DrawnSound, SoundLibrary

__all__ = ["KINDS", "DrawnSound", "SoundLibrary"]
