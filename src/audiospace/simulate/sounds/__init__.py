"""Procedural sounds: one generator for every kind of source, so that no download is needed."""

from audiospace.simulate.sounds import animals, human, machines, music, nature
from audiospace.simulate.sounds.synthesis import Generator

GENERATORS: dict[str, Generator] = {
    **animals.GENERATORS,
    **nature.GENERATORS,
    **machines.GENERATORS,
    **music.GENERATORS,
    **human.GENERATORS,
}
"""From kind to its generator."""

__all__ = ["GENERATORS", "Generator"]
