"""Glances, sounds and videos with known content, for the tests of this folder."""

import numpy as np
import soundfile as sf

from audiospace.media import Sound, write_video
from audiospace.panorama import sphere_tiling
from audiospace.vision.glance import Glance

RATE = 48_000
TILING = sphere_tiling()


def glance_of(motion=None, categories=None, *, step=1 / 12):
    """A glance with the given motion (T, 24) and category mass (K, 24, 28); nothing where None."""
    motion = np.zeros((12, TILING.count)) if motion is None else np.asarray(motion)
    categories = np.zeros((3, TILING.count, 28)) if categories is None else np.asarray(categories)
    return Glance(
        times=(np.arange(len(motion)) + 0.5) * step,
        motion=motion.astype(np.float32),
        change=np.zeros(len(motion), dtype=np.float32),
        looks=(np.arange(len(categories)) + 0.5) * 1.0,
        categories=categories.astype(np.float32),
        directions=TILING.directions,
        weights=TILING.weights,
    )


def moving_in(*tiles, rows=12):
    motion = np.zeros((rows, TILING.count))
    motion[:, list(tiles)] = 0.5
    return motion


def recognised(mass, looks=3):
    """Category mass by tile: {tile: mass}, in every look."""
    categories = np.zeros((looks, TILING.count, 28))
    for tile, value in mass.items():
        categories[:, tile, 3] = value
    return categories


def noise(channels, seconds, *, rate=RATE, seed=1):
    return (0.1 * np.random.default_rng(seed).standard_normal((channels, round(seconds * rate)))).astype(
        np.float32
    )


def in_blocks(samples, block=7001, rate=RATE):
    """An array as sound that comes in blocks of a length."""
    starts = range(0, samples.shape[1], block)
    return Sound(
        samples.shape[0],
        rate,
        samples.shape[1],
        lambda: (samples[:, start : start + block] for start in starts),
    )


def whole(sound):
    samples = np.concatenate(list(sound.blocks()), axis=1)
    assert samples.shape == (sound.channels, sound.samples)
    assert samples.dtype == np.float32
    return samples


def wav(path, samples, rate=RATE):
    sf.write(path, samples.T, rate, subtype="FLOAT")
    return path


def video(path, seconds=1.0, sound=None):
    """A grey 360 video, with sound of one or two channels if given."""
    frames = [np.full((64, 128, 3), 90 + index, dtype=np.uint8) for index in range(round(12 * seconds))]
    size = {"frames_per_second": 12, "height": 64, "width": 128}
    own = {} if sound is None else {"audio": sound, "sample_rate": RATE}
    return write_video(path, frames, **size, **own)
