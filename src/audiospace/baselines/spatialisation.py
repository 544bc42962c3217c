"""The spatialisation component (AS): one or two channels on a direction track become a sound field.

Mono becomes a plane wave from the track's direction. Stereo becomes two, each of half the amplitude, 30
degrees to the left and right of the track, where loudspeakers would stand: what both share is on the track.
"""

from collections.abc import Callable, Iterator

import numpy as np

from audiospace.ambisonics import CHANNELS, FloatArray, angles, encode, encode_moving, from_mono
from audiospace.baselines.direction_track import Track
from audiospace.baselines.rooms import reflected
from audiospace.media import Sound
from audiospace.media.sound import Block, joined
from audiospace.simulate import Room

STEREO_ANGLE = np.radians(30.0)
"""Radians from the track to either channel of stereo."""


def spatialise(sound: Sound, track: Track, room: Room | None = None) -> Sound:
    """Put a sound on a direction track.

    Args:
        sound: One or two channels.
        track: Where to.
        room: A room whose reflections are added; in the open air if None.

    Returns:
        AmbiX sound of the same rate and length, computed while it is read, for two channels and a room from
        two passes each.

    Raises:
        ValueError: The sound has another number of channels.
    """
    if sound.channels == 1:
        return _from_track(sound, track, room)
    if sound.channels != 2:
        raise ValueError(f"only sound of one or two channels can be put on a track, not {sound.channels}")
    left, right = (
        _from_track(sound.mapped(_halved(channel), 1), track.beside(angle), room)
        for channel, angle in ((0, STEREO_ANGLE), (1, -STEREO_ANGLE))
    )
    return joined(left, right, np.add, CHANNELS)


def without_direction(mono: Sound) -> Sound:
    """Lift a sound of one channel to a field without direction: W alone.

    Args:
        mono: The sound.

    Returns:
        AmbiX sound.
    """
    return mono.mapped(lambda block: np.asarray(from_mono(block[0]), dtype=np.float32), CHANNELS)


def _halved(channel: int) -> Callable[[Block], Block]:
    return lambda block: np.float32(0.5) * block[channel : channel + 1]


def _from_track(mono: Sound, track: Track, room: Room | None) -> Sound:
    direct = Sound(CHANNELS, mono.sample_rate, mono.samples, lambda: _encoded(mono, track))
    return direct if room is None else joined(direct, reflected(mono, track, room), np.add, CHANNELS)


def _encoded(mono: Sound, track: Track) -> Iterator[Block]:
    heard = 0
    azimuth, elevation = angles(track.directions[0])
    for (block,) in mono.blocks():
        field: FloatArray
        if track.moving:
            field = encode_moving(
                block, track.times - heard / mono.sample_rate, track.directions, mono.sample_rate
            )
        else:
            field = encode(block, azimuth, elevation)
        yield np.asarray(field, dtype=np.float32)
        heard += len(block)
