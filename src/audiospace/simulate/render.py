"""Scenes made heard: every source encoded from where it is, its reflections, and the air around."""

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import angles, encode, encode_moving, peak_safe_gain
from audiospace.simulate.room import reverberate
from audiospace.simulate.scene import Scene, Source
from audiospace.simulate.sounds.synthesis import coloured
from audiospace.simulate.sources import RMS, DrawnSound, SoundLibrary

ROOM_KEY_INTERVAL = 0.5
"""Seconds between the positions from which a moving source's reflections are computed."""


def draw_sounds(scene: Scene, library: SoundLibrary, sample_rate: int) -> tuple[DrawnSound | None, ...]:
    """Draw what the sources of a scene play.

    Args:
        scene: The scene; each source has its own seed.
        library: Where the sounds come from.
        sample_rate: Samples a second.

    Returns:
        One sound per source, None for a source that is only seen.

    Raises:
        ValueError: The library lacks a kind.
        UserError: A recording cannot be decoded.
    """
    return tuple(
        library.draw_sound(source.kind, scene.seconds, sample_rate, np.random.default_rng(source.sound_seed))
        if source.sounding
        else None
        for source in scene.sources
    )


def render_field(
    scene: Scene, sounds: tuple[DrawnSound | None, ...], sample_rate: int
) -> NDArray[np.float32]:
    """Encode the sounds of a scene. The direct sound is in time with the picture: it has no travel time.

    Args:
        scene: The scene.
        sounds: One per source, as from `draw_sounds`.
        sample_rate: Samples a second.

    Returns:
        AmbiX sound with peaks below 0.891 (-1 dB), shape (4, round(seconds * sample_rate)); one gain for all.

    Raises:
        MissingExtraError: The scene has a room and pyroomacoustics is not installed.
    """
    count = round(scene.seconds * sample_rate)
    field = np.zeros((4, count))
    for source, sound in zip(scene.sources, sounds, strict=True):
        if sound is not None:
            field += _source_field(scene, source, sound.samples.astype(np.float64), sample_rate)
    if scene.ambience_db is not None:
        field += _ambience(scene, count, sample_rate)
    levelled: NDArray[np.float32] = (field * peak_safe_gain(field)).astype(np.float32)
    return levelled


def render_sound(scene: Scene, library: SoundLibrary, sample_rate: int) -> NDArray[np.float32]:
    """Draw and encode the sounds of a scene.

    Args:
        scene: The scene.
        library: Where the sounds come from.
        sample_rate: Samples a second.

    Returns:
        AmbiX sound, shape (4, round(seconds * sample_rate)).

    Raises:
        ValueError: The library lacks a kind.
        UserError: A recording cannot be decoded, or a package for rooms is missing.
    """
    return render_field(scene, draw_sounds(scene, library, sample_rate), sample_rate)


def activity(
    scene: Scene, sounds: tuple[DrawnSound | None, ...], frames_per_second: float
) -> NDArray[np.float64]:
    """Say how active each source is in each frame of the video, from its own sound.

    Args:
        scene: The scene.
        sounds: One per source.
        frames_per_second: Of the video.

    Returns:
        Root of the sound's magnitude relative to its loudest frame, 0 to 1, shape (sources, frames).
    """
    frames = max(1, round(scene.seconds * frames_per_second))
    active = np.zeros((len(sounds), frames))
    for number, sound in enumerate(sounds):
        if sound is not None:
            pieces = np.array_split(np.square(sound.samples, dtype=np.float64), frames)
            loud = np.sqrt([piece.mean() for piece in pieces])
            active[number] = np.sqrt(loud / max(float(loud.max()), 1e-9))
    return active


def _source_field(
    scene: Scene, source: Source, mono: NDArray[np.float64], sample_rate: int
) -> NDArray[np.float64]:
    clock = np.arange(len(mono)) / sample_rate
    heard = mono * source.gain(clock)
    if source.path.moving:
        encoded = encode_moving(heard, source.path.times, source.path.directions, sample_rate)
    else:
        encoded = encode(heard, *angles(source.path.directions[0]))
    field = np.asarray(encoded, dtype=np.float64)
    if scene.room is not None:
        steps = max(2, round(scene.seconds / ROOM_KEY_INTERVAL) + 1) if source.path.moving else 1
        times = np.linspace(0.0, scene.seconds, steps)
        positions = source.path.direction(times) * source.path.distance(times)[:, None]
        field += reverberate(heard, times, positions, scene.room, sample_rate)
    return field


def _ambience(scene: Scene, count: int, sample_rate: int) -> NDArray[np.float64]:
    """Diffuse noise: as strong from every direction, so the three dipoles have a third of W's power each."""
    rng = np.random.default_rng([scene.seed, 23])
    level = RMS * 10 ** ((scene.ambience_db or 0.0) / 20)
    noise = np.stack([coloured(count, sample_rate, rng, slope=0.7, low=60, high=8000) for _ in range(4)])
    return np.asarray(level * noise * np.array([1.0, 3**-0.5, 3**-0.5, 3**-0.5])[:, None])
