import numpy as np
import pytest

from audiospace.ambisonics import directions_over_time, encode, energy_maps
from audiospace.generation import energy_video
from audiospace.generation.energy_video import CONTRAST, LOUDNESS_RANGE, WINDOW, draw, energy_overlay
from audiospace.media import Sound, held

RATE = 8000


def sound_of(azimuth, elevation, seconds=2.0, gain=0.1):
    signal = gain * np.random.default_rng(0).standard_normal(round(seconds * RATE))
    return encode(signal, np.radians(azimuth), np.radians(elevation)).astype(np.float32)


def times(seconds=2.0, rate=4):
    return (np.arange(round(seconds * rate)) + 0.5) / rate


@pytest.mark.parametrize(("azimuth", "elevation"), [(90, 0), (-60, 30), (175, -20)])
def test_colour_is_where_the_source_is(azimuth, elevation):
    overlay = energy_overlay(held(sound_of(azimuth, elevation), RATE), times())
    image = np.full((128, 256, 3), 90, dtype=np.uint8)
    change = np.abs(draw(image, overlay, 3).astype(int) - 90).sum(axis=2)
    x, y = (0.5 - azimuth / 360) * 256 % 256, (0.5 - elevation / 180) * 128
    opposite = int((x + 128) % 256)
    assert change[round(y), round(x) % 256] > 100
    assert change[round(128 - y), opposite] < 20


@pytest.mark.parametrize(("azimuth", "elevation"), [(90, 0), (-60, 30), (20, 45)])
def test_ring_is_around_the_direction(azimuth, elevation):
    overlay = energy_overlay(held(sound_of(azimuth, elevation), RATE), times())
    drawn = draw(np.zeros((256, 512, 3), dtype=np.uint8), overlay, 3)
    rows, columns = np.nonzero((drawn[:180] > 235).all(axis=2))
    assert columns.mean() == pytest.approx((0.5 - azimuth / 360) * 512, abs=3)
    assert rows.mean() == pytest.approx((0.5 - elevation / 180) * 256, abs=3)


def test_ring_shows_on_both_sides_of_the_seam():
    overlay = energy_overlay(held(sound_of(180, 0), RATE), times())
    drawn = draw(np.zeros((128, 256, 3), dtype=np.uint8), overlay, 0)
    assert drawn[60:68, :10].max() > 200
    assert drawn[60:68, -10:].max() > 200


def test_silence_leaves_the_picture_bare():
    overlay = energy_overlay(held(np.zeros((4, RATE), dtype=np.float32), RATE), times(1.0))
    assert overlay.opacity(0).max() == 0
    image = np.full((128, 256, 3), 90, dtype=np.uint8)
    assert np.array_equal(draw(image, overlay, 0)[:90], image[:90])


def test_sound_without_direction_is_not_called_silence(monkeypatch):
    texts = []
    monkeypatch.setattr(energy_video, "_legend", lambda _image, text: texts.append(text))
    image = np.full((128, 256, 3), 90, dtype=np.uint8)
    alone = sound_of(30, 0)
    alone[1:] = 0
    for sound in (alone, 0 * alone, sound_of(30, 0)):
        draw(image, energy_overlay(held(sound, RATE), times()), 2)
    assert ["no direction" in text for text in texts] == [True, False, False]
    assert ["silence" in text for text in texts] == [False, True, False]
    assert "azimuth +30" in texts[2]


def test_loudest_moment_is_found_and_quiet_ones_fade():
    sound = sound_of(30, 0)
    sound[:, :RATE] *= 0.02
    overlay = energy_overlay(held(sound, RATE), times())
    assert overlay.loudest >= 4
    assert overlay.opacity(1).max() < 0.3 < 0.8 < overlay.opacity(6).max()


@pytest.mark.parametrize("block", [997, 8000])
def test_in_blocks_it_is_the_overlay_of_the_whole(block):
    sound = sound_of(30, 0, seconds=3.3)
    sound[:, :RATE] *= 0.02
    moments = times(3.3, 12)
    starts = range(0, sound.shape[1], block)
    cut = Sound(4, RATE, sound.shape[1], lambda: (sound[:, start : start + block] for start in starts))
    overlay = energy_overlay(cut, moments)
    power = energy_maps(sound, RATE, moments, WINDOW)
    loudness = power.mean(axis=(1, 2))
    presence = np.clip(1 + 10 * np.log10(loudness / loudness.max()) / LOUDNESS_RANGE, 0, 1)
    lowest, highest = power.min(axis=(1, 2), keepdims=True), power.max(axis=(1, 2), keepdims=True)
    expected = ((power - lowest) / (highest - lowest)) ** CONTRAST * presence[:, None, None]
    assert np.stack([overlay.opacity(k) for k in range(len(moments))]) == pytest.approx(expected, abs=1e-6)
    assert overlay.loudest == loudness.argmax()
    track = directions_over_time(sound, RATE, window=WINDOW, hop=1 / 12)
    assert overlay.track.azimuth == pytest.approx(track.azimuth, abs=1e-9)


def test_frames_keep_their_shape_and_the_input_is_untouched():
    overlay = energy_overlay(held(sound_of(0, 0), RATE), times())
    image = np.full((64, 128, 3), 10, dtype=np.uint8)
    drawn = draw(image, overlay, 0)
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert (image == 10).all()
