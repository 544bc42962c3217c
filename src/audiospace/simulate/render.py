"""Scenes made heard: every source from where it is, its reflections, and what is heard from all around."""

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import CHANNELS, angles, encode, harmonics_of, peak_safe_gain
from audiospace.simulate.ambience import diffuse_noise, spread
from audiospace.simulate.microphone import self_noise
from audiospace.simulate.room import reverberate
from audiospace.simulate.scene import Scene, Source
from audiospace.simulate.sources import RMS, DrawnSound, SoundLibrary
from audiospace.simulate.trajectory import Trajectory

FloatArray = NDArray[np.float32]

GAIN_STEP = 32
"""Samples between the times for which a moving source's gains are computed."""
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


def draw_ambience(scene: Scene, library: SoundLibrary, sample_rate: int) -> DrawnSound | None:
    """Draw what is heard from all around a scene, if it is a sound of the library.

    Args:
        scene: The scene.
        library: Where the sounds come from.
        sample_rate: Samples a second.

    Returns:
        The sound, or None for a scene with noise or silence around.

    Raises:
        ValueError: The library lacks the kind.
        UserError: A recording cannot be decoded.
    """
    if scene.ambience is None or scene.ambience_db is None:
        return None
    rng = np.random.default_rng([scene.seed, 37])
    return library.draw_sound(scene.ambience, scene.seconds, sample_rate, rng)


def mix_field(
    scene: Scene,
    sounds: tuple[DrawnSound | None, ...],
    sample_rate: int,
    *,
    ambience: DrawnSound | None = None,
) -> FloatArray:
    """Encode and add the sounds of a scene. The direct sound is in time with the picture: no travel time.

    Args:
        scene: The scene.
        sounds: One per source, as from `draw_sounds`.
        sample_rate: Samples a second.
        ambience: As from `draw_ambience`.

    Returns:
        AmbiX sound, shape (4, round(seconds * sample_rate)), at the scene's own levels: peaks may exceed 1.

    Raises:
        ValueError: The scene's ambience is a kind of sound and none is given.
    """
    count = round(scene.seconds * sample_rate)
    field = np.zeros((CHANNELS, count), np.float32)
    for source, sound in zip(scene.sources, sounds, strict=True):
        if sound is not None:
            field += source_field(scene, source, sound, sample_rate)
    if scene.ambience_db is not None:
        field += _full_level(scene.ambience_db) * _around(scene, ambience, count, sample_rate)
    if scene.microphone_db is not None:
        noise = self_noise(count, np.random.default_rng([scene.seed, 43]))
        field += _full_level(scene.microphone_db) * noise
    return field


def source_field(scene: Scene, source: Source, sound: DrawnSound, sample_rate: int) -> FloatArray:
    """Encode one source of a scene, with its reflections. Its level scales all of it.

    Args:
        scene: The scene.
        source: One of its sources.
        sound: What it plays.
        sample_rate: Samples a second.

    Returns:
        AmbiX sound, shape (4, samples of the sound).
    """
    mono = sound.samples
    if source.path.moving:
        heard = mono * source.gain(np.arange(len(mono)) / sample_rate).astype(np.float32)
        field = heard * _moving_gains(source.path, len(mono), sample_rate)
    else:
        heard = mono * np.float32(source.gain(np.zeros(1))[0])
        field = np.asarray(encode(heard, *angles(source.path.directions[0])), dtype=np.float32)
    if scene.room is not None:
        steps = max(2, round(scene.seconds / ROOM_KEY_INTERVAL) + 1) if source.path.moving else 1
        times = np.linspace(0.0, scene.seconds, steps)
        positions = source.path.direction(times) * source.path.distance(times)[:, None]
        field += reverberate(heard, times, positions, scene.room, sample_rate).astype(np.float32)
    return field


def render_field(
    scene: Scene,
    sounds: tuple[DrawnSound | None, ...],
    sample_rate: int,
    *,
    ambience: DrawnSound | None = None,
) -> FloatArray:
    """Encode the sounds of a scene and keep their peaks safe.

    Args:
        scene: The scene.
        sounds: One per source, as from `draw_sounds`.
        sample_rate: Samples a second.
        ambience: As from `draw_ambience`.

    Returns:
        AmbiX sound with peaks below 0.891 (-1 dB), shape (4, round(seconds * sample_rate)); one gain for all.

    Raises:
        ValueError: The scene's ambience is a kind of sound and none is given.
    """
    field = mix_field(scene, sounds, sample_rate, ambience=ambience)
    return field * np.float32(peak_safe_gain(field))


def render_sound(scene: Scene, library: SoundLibrary, sample_rate: int) -> FloatArray:
    """Draw and encode the sounds of a scene.

    Args:
        scene: The scene.
        library: Where the sounds come from.
        sample_rate: Samples a second.

    Returns:
        AmbiX sound, shape (4, round(seconds * sample_rate)).

    Raises:
        ValueError: The library lacks a kind.
        UserError: A recording cannot be decoded.
    """
    around = draw_ambience(scene, library, sample_rate)
    return render_field(scene, draw_sounds(scene, library, sample_rate), sample_rate, ambience=around)


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


def _full_level(decibels: float) -> np.float32:
    """Linear level of something that has unit RMS, given in decibels relative to a source's full level."""
    return np.float32(RMS * 10 ** (decibels / 20))


def _moving_gains(path: Trajectory, count: int, sample_rate: int) -> FloatArray:
    """Gains W, Y, Z, X of every sample, shape (4, count).

    They are computed every `GAIN_STEP` samples and joined by straight lines. At 45 degrees a second and
    16 kHz, that is off by less than 2e-6.
    """
    at = np.arange(0, count + GAIN_STEP, GAIN_STEP) / sample_rate
    keys = harmonics_of(path.direction(at)).T.astype(np.float32)
    ramp = np.arange(GAIN_STEP, dtype=np.float32) / np.float32(GAIN_STEP)
    joined = keys[:, :-1, None] + np.diff(keys, axis=1)[:, :, None] * ramp
    return np.asarray(joined.reshape(CHANNELS, -1)[:, :count])


def _around(scene: Scene, ambience: DrawnSound | None, count: int, sample_rate: int) -> FloatArray:
    """What comes from everywhere, at unit level: shape (4, count)."""
    rng = np.random.default_rng([scene.seed, 23])
    if scene.ambience is None:
        return diffuse_noise(count, sample_rate, rng)
    if ambience is None:
        raise ValueError(f"the scene is surrounded by {scene.ambience!r}, but no such sound was given")
    return spread(ambience.samples, rng)
