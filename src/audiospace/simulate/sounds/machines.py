"""Procedural machines: engines, rails, rotors and clocks."""

import numpy as np

from audiospace.simulate.sounds.synthesis import (
    Generator,
    Signal,
    add_at,
    band,
    coloured,
    curve,
    decay,
    formants,
    harmonics,
    resonate,
    unit,
)


def engine(
    count: int, sample_rate: int, rng: np.random.Generator, *, low: float, high: float, roughness: float
) -> Signal:
    """A combustion engine: uneven firing pulses through an exhaust's resonances.

    Args:
        count: Number of samples.
        sample_rate: Samples a second.
        rng: Source of randomness.
        low: Lowest firing rate in Hz.
        high: Highest firing rate in Hz.
        roughness: Share of noise in the combustion, 0 to 1.

    Returns:
        Signal of unit standard deviation, shape (count,).
    """
    base = np.exp(rng.uniform(np.log(low), np.log(high)))
    rate = base * curve(count, sample_rate, rng, rate=rng.uniform(0.3, 1.2), low=0.8, high=1.25)
    phase = np.cumsum(rate) / sample_rate
    pulse = np.exp(-6.0 * (phase % 1.0))
    cylinders = 1 + 0.3 * rng.standard_normal(4)
    pulse *= cylinders[phase.astype(np.int64) % 4]
    pulse = (pulse - pulse.mean()) * (1 + roughness * 2 * rng.standard_normal(count))
    exhaust = formants(
        pulse, sample_rate, list(rng.uniform(0.8, 1.25) * np.array([110, 340, 900, 2400])), 160.0
    )
    whole = band(exhaust + 0.25 * resonate(pulse, sample_rate, 60, 50), sample_rate, 40, 14000)
    return unit(whole)


def chainsaw(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A small two-stroke at high speed with bursts of cutting."""
    cut = curve(count, sample_rate, rng, rate=1.2, low=0.0, high=1.0) ** 2
    rate = (
        rng.uniform(85, 140)
        * (1.25 - 0.35 * cut)
        * curve(count, sample_rate, rng, rate=12, low=0.97, high=1.03)
    )
    motor = harmonics(rate, sample_rate, [1 / k**0.4 for k in range(1, 40)])
    chips = band(rng.standard_normal(count), sample_rate, 1500, 9000)
    return motor * (0.4 + 0.6 * cut) * (1 + 0.3 * rng.standard_normal(count)) / 3 + 0.9 * chips * cut


def clock(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Alternating ticks and tocks of a wall clock."""
    out = np.zeros(count)
    period = rng.choice([0.25, 0.5, 1.0]) * rng.uniform(0.97, 1.03)
    body = rng.uniform(1500, 4200, 3)
    length = int(0.08 * sample_rate)
    for number, at in enumerate(np.arange(rng.uniform(0, period), count / sample_rate, period)):
        click = rng.standard_normal(length) * decay(length, sample_rate, 0.02)
        pitch = body * (1.0 if number % 2 else 0.86)
        add_at(out, int(at * sample_rate), formants(click, sample_rate, list(pitch), 200.0))
    return out + 1e-4 * rng.standard_normal(count)


def aircraft(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A helicopter's blade slap, or a jet's roar with a turbine's whine."""
    if rng.random() < 0.5:
        rate = rng.uniform(10, 22) * curve(count, sample_rate, rng, rate=0.5, low=0.97, high=1.03)
        phase = np.cumsum(rate) / sample_rate % 1.0
        slap = np.exp(-9 * phase) * coloured(count, sample_rate, rng, slope=0.7, low=40, high=2500)
        whine = harmonics(rng.uniform(350, 800) * np.ones(count), sample_rate, [0.05, 0.03, 0.02])
        return slap + 0.15 * coloured(count, sample_rate, rng, slope=0.5, low=80, high=5000) + whine
    roar = coloured(count, sample_rate, rng, slope=0.75, low=50, high=5000)
    pitch = rng.uniform(900, 2600) * curve(count, sample_rate, rng, rate=0.3, low=0.9, high=1.1)
    return roar * curve(count, sample_rate, rng, rate=2, low=0.7, high=1.0) + 0.15 * harmonics(
        pitch, sample_rate, [1.0, 0.4, 0.2]
    )


def train(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Rolling rumble, the double knock of rail joints, sometimes a two-tone horn."""
    out = coloured(count, sample_rate, rng, slope=0.9, low=40, high=3000)
    out += 0.2 * resonate(rng.standard_normal(count), sample_rate, rng.uniform(1800, 3200), 60) * 10
    period = rng.uniform(0.45, 1.1)
    length = int(0.15 * sample_rate)
    for at in np.arange(-0.2, count / sample_rate, period):
        for lag in (0.0, 0.13, 0.2 + 0.1 * period):
            knock = rng.standard_normal(length) * decay(length, sample_rate, 0.1)
            add_at(
                out, int((at + lag) * sample_rate), 8 * formants(knock, sample_rate, [130, 420, 1100], 120.0)
            )
    if rng.random() < 0.4:
        length = int(rng.uniform(0.6, 1.8) * sample_rate)
        horn = sum(
            (
                harmonics(np.full(length, pitch), sample_rate, [1, 0.8, 0.6, 0.4, 0.3, 0.2])
                for pitch in (311, 370, 470)
            ),
            np.zeros(length),
        )
        add_at(out, int(rng.integers(0, max(1, count - length))), horn * np.hanning(length) ** 0.2)
    return out


def boat(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A slow diesel with the slap of water on the hull."""
    motor = engine(count, sample_rate, rng, low=9, high=26, roughness=0.2)
    slap = coloured(count, sample_rate, rng, slope=0.5, low=200, high=5000)
    return motor + 0.7 * slap * curve(count, sample_rate, rng, rate=1.5, low=0.05, high=1.0) ** 2


def road_vehicle(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Tyre noise and an engine, sometimes a horn or a siren."""
    motor = engine(count, sample_rate, rng, low=35, high=110, roughness=0.15)
    tyres = coloured(count, sample_rate, rng, slope=0.5, low=150, high=3500)
    out = rng.uniform(0.3, 0.9) * motor + tyres * curve(count, sample_rate, rng, rate=0.6, low=0.3, high=1.0)
    extra = rng.random()
    if extra < 0.2:
        swing = 0.5 - 0.5 * np.cos(2 * np.pi * rng.uniform(0.3, 2.5) * np.arange(count) / sample_rate)
        out += harmonics(600 + 750 * swing, sample_rate, [1.0, 0.5, 0.3, 0.15])
    elif extra < 0.45:
        length = int(rng.uniform(0.2, 0.9) * sample_rate)
        horn = harmonics(np.full(length, 400.0), sample_rate, [1, 0.9, 0.7, 0.5, 0.4, 0.3])
        horn += harmonics(np.full(length, 500.0), sample_rate, [1, 0.9, 0.7, 0.5, 0.4, 0.3])
        add_at(out, int(rng.integers(0, max(1, count - length))), horn * np.hanning(length) ** 0.2)
    return out


def tractor(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A heavy diesel that chugs, with rattling sheet metal."""
    motor = engine(count, sample_rate, rng, low=14, high=36, roughness=0.5)
    rattle = resonate(motor * rng.standard_normal(count), sample_rate, rng.uniform(1500, 3000), 400)
    return motor + 0.3 * unit(rattle)


def motorcycle(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A revving single or twin: firing rate rising and falling with the throttle."""
    throttle = curve(count, sample_rate, rng, rate=0.9, low=0.0, high=1.0)
    rate = rng.uniform(28, 50) * (1 + 2.2 * throttle)
    tone = harmonics(rate, sample_rate, [1 / k**0.7 for k in range(1, 50)])
    tone *= 1 + 0.35 * rng.standard_normal(count)
    voice = formants(tone, sample_rate, list(rng.uniform(0.85, 1.2) * np.array([180, 520, 1400])), 250.0)
    return (unit(voice) + 0.2 * tone) * (0.4 + 0.6 * throttle)


GENERATORS: dict[str, Generator] = {
    "chainsaw": chainsaw,
    "clock": clock,
    "aircraft": aircraft,
    "train": train,
    "boat": boat,
    "road_vehicle": road_vehicle,
    "tractor": tractor,
    "motorcycle": motorcycle,
}
