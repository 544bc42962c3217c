"""Procedural instruments that play short random phrases."""

import numpy as np
import scipy.signal

from audiospace.simulate.sounds.synthesis import (
    Generator,
    Signal,
    add_at,
    coloured,
    curve,
    decay,
    envelope,
    formants,
    harmonics,
    ring,
    unit,
)

SCALES = ((0, 2, 4, 7, 9), (0, 3, 5, 7, 10), (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))


def melody(rng: np.random.Generator, low: int, high: int) -> Signal:
    """Eight frequencies in Hz from one scale, between two MIDI note numbers (A4 = 69 = 440 Hz)."""
    scale = SCALES[int(rng.integers(len(SCALES)))]
    root = int(rng.integers(12))
    notes = [note for note in range(low, high + 1) if (note - root) % 12 in scale]
    return 440.0 * 2.0 ** ((rng.choice(notes, 8) - 69) / 12)


def _pluck(sample_rate: int, rng: np.random.Generator, pitch: float, seconds: float) -> Signal:
    """A plucked string after Karplus and Strong (1983): noise in a delay line with a two-point average."""
    period = max(2, round(sample_rate / pitch - 0.5))
    burst = np.zeros(int(seconds * sample_rate))
    burst[:period] = rng.uniform(-1, 1, min(period, len(burst)))
    feedback = np.zeros(period + 2)
    feedback[0], feedback[period], feedback[period + 1] = 1.0, -0.498, -0.498
    string: Signal = scipy.signal.lfilter([1.0], feedback, burst)
    return string * envelope(len(string), 0.001, 0.1)


def guitar(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Plucked notes and strummed chords through a wooden body."""
    out = np.zeros(count)
    notes, beat, at = melody(rng, 45, 74), rng.uniform(0.16, 0.4), rng.uniform(0.0, 0.2)
    strings = [_pluck(sample_rate, rng, float(pitch), 1.5) for pitch in notes]
    while at < count / sample_rate:
        chord = 3 if rng.random() < 0.3 else 1
        for strum in range(chord):
            note = strings[int(rng.integers(len(strings)))] * rng.uniform(0.5, 1.0)
            add_at(out, int((at + 0.02 * strum) * sample_rate), note)
        at += beat * rng.choice([1, 1, 2])
    return out + 0.8 * formants(out, sample_rate, [110, 220, 420], 60.0)


def _sustained(
    count: int, sample_rate: int, rng: np.random.Generator, notes: Signal, amplitudes: list[float]
) -> Signal:
    """Bowed or blown notes one after another: vibrato, slow swells, a little noise."""
    out = np.zeros(count)
    at = rng.uniform(-0.1, 0.2)
    while at < count / sample_rate:
        length = int(rng.choice([0.25, 0.5, 1.0]) * rng.uniform(0.8, 1.2) * sample_rate)
        times = np.arange(length) / sample_rate
        vibrato = 1 + 0.006 * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * times) * np.clip(times * 4, 0, 1)
        tone = harmonics(float(rng.choice(notes)) * vibrato, sample_rate, amplitudes)
        breath = 0.03 * rng.standard_normal(length)
        add_at(
            out, int(at * sample_rate), (tone + breath) * envelope(length, 0.12, 0.2) * rng.uniform(0.6, 1)
        )
        at += length / sample_rate * 0.97
    return out


def strings(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """One to three bowed strings: a saw-like spectrum through the violin family's resonances."""
    amplitudes = [1 / k for k in range(1, 26)]
    low = int(rng.choice([43, 48, 55]))
    out = np.zeros(count)
    for _ in range(int(rng.integers(1, 4))):
        out += _sustained(count, sample_rate, rng, melody(rng, low, low + 26), amplitudes)
    return 0.4 * out + formants(out, sample_rate, [280, 480, 1100, 2600], 200.0)


def wind_instrument(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A flute, clarinet or trumpet by its harmonics."""
    flute = [1.0, 0.35, 0.12, 0.05, 0.02]
    clarinet = [1.0, 0.05, 0.7, 0.06, 0.45, 0.05, 0.25, 0.04, 0.15]
    trumpet = [0.6, 0.9, 1.0, 0.9, 0.7, 0.55, 0.4, 0.3, 0.22, 0.16, 0.11, 0.08]
    voice = (flute, clarinet, trumpet)[int(rng.integers(3))]
    return _sustained(count, sample_rate, rng, melody(rng, 58, 82), voice)


def keys(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Piano-like struck notes, slightly inharmonic, decaying faster the higher they are."""
    out = np.zeros(count)
    notes, beat, at = melody(rng, 45, 86), rng.uniform(0.14, 0.4), rng.uniform(0.0, 0.2)
    while at < count / sample_rate:
        for pitch in rng.choice(notes, int(rng.integers(1, 4)), replace=False):
            length = int(min(2.0, 600 / pitch + 0.6) * sample_rate)
            struck = np.zeros(length)
            for number in range(1, 11):
                partial = number * pitch * np.sqrt(1 + 4e-4 * number**2)
                if partial < 0.45 * sample_rate:
                    struck += ring(length, sample_rate, partial, 3.0 * (220 / partial) ** 0.5) / number
            add_at(out, int(at * sample_rate), struck * envelope(length, 0.002, 0.1) * rng.uniform(0.4, 1.0))
        at += beat * rng.choice([1, 2])
    return out


def drums(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A kit with kick, snare and hi-hat in a random pattern of sixteen steps."""
    out = np.zeros(count)
    step, length = 60 / rng.uniform(80, 150) / 4, int(0.4 * sample_rate)
    times = np.arange(length) / sample_rate
    kick = np.sin(2 * np.pi * (48 * times + 6 * (1 - np.exp(-times * 30)))) * decay(length, sample_rate, 0.35)
    noise = coloured(length, sample_rate, rng, slope=0.0, low=1500, high=9000)
    snare = 0.5 * noise * decay(length, sample_rate, 0.22)
    snare += 0.4 * np.sin(2 * np.pi * rng.uniform(160, 240) * times) * decay(length, sample_rate, 0.15)
    hat = 0.3 * coloured(length, sample_rate, rng, slope=-0.3, low=6000, high=15000)
    hat *= decay(length, sample_rate, rng.uniform(0.05, 0.2))
    pattern = rng.random((16, 3)) < np.array([0.15, 0.1, 0.6])
    pattern[0::8, 0] = True
    pattern[4::8, 1] = True
    for number, at in enumerate(np.arange(0, count / sample_rate, step)):
        for hit, drum in zip(pattern[number % 16], (kick, snare, hat), strict=True):
            if hit:
                add_at(out, int(at * sample_rate), drum * rng.uniform(0.6, 1.0))
    return out


def stage(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A concert: drums, a bass line and chords through loudspeakers."""
    beat = drums(count, sample_rate, rng)
    bass = _sustained(count, sample_rate, rng, melody(rng, 28, 43), [1, 0.7, 0.4, 0.2, 0.1])
    chords = guitar(count, sample_rate, rng) * curve(count, sample_rate, rng, rate=1, low=0.3, high=1.0)
    mix = unit(beat) + 0.6 * unit(bass) + 0.6 * unit(chords)
    loud: Signal = np.tanh(0.5 * mix)
    return loud


GENERATORS: dict[str, Generator] = {
    "guitar": guitar,
    "strings": strings,
    "wind_instrument": wind_instrument,
    "keys": keys,
    "drums": drums,
    "stage": stage,
}
