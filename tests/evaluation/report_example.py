"""An evaluation made by hand, with everything that is awkward to report."""

import math
from pathlib import Path

import numpy as np

from audiospace.ambisonics import encode, energy_map
from audiospace.evaluation.results import Evaluation, Finding, Metric, Strip, SystemScores
from audiospace.evaluation.significance import Comparison
from audiospace.evaluation.statistics import Interval

ANGLE = Metric("angle", "angle", "spatial", "rad", "lower", math.pi / 2, "great-circle error", headline=True)
MAP = Metric("map_cc", "map CC", "spatial", "", "higher", 0.0, "correlation of maps")
FRECHET = Metric("frechet", "FD judge_1", "semantic", "", "lower", None, "Fréchet distance & more")
PERCENT, VISAGE, MUTE, FRONT = "a_b%", "ViSAGe (360)", "mute|#1", "always front"
NONE = Interval(math.nan, math.nan, math.nan, 0)
WIDE, WITHOUT_ENDS = Interval(310.5, 300, 320, 3), Interval(88.25, math.nan, math.nan, 3)
CLIPS = ("dog_1", "cat, the", "sea")


def unit(azimuth, elevation):
    a, e = np.radians([azimuth, elevation])
    return np.array([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)])


def scores(name, angle, map_cc, frechet, *, folder=True, clips=CLIPS):
    return SystemScores(
        name=name,
        folder=Path("/sounds") / "x" if folder else None,
        intervals={"angle": angle, "map_cc": map_cc, "frechet": frechet},
        clips={clip: {"angle": 0.1 + place} for place, clip in enumerate(clips)},
        front=Interval(1.25, 1.0, 1.5, len(clips)),
    )


def strip(clip="dog_1"):
    signal = 0.1 * np.random.default_rng(0).standard_normal(400)
    maps = {
        name: np.stack([energy_map(encode(signal, np.radians(azimuth), 0.0), 16, 32) for azimuth in turn])
        for name, turn in {"reference": (90, 45, 0), PERCENT: (80, 40), VISAGE: (-90, -90, -90)}.items()
    }
    return Strip(clip, 1.0, {**maps, MUTE: np.zeros((3, 16, 32))})


def example():
    """Give three systems, one without any direction and two alike in the angle, and a trivial one."""
    return Evaluation(
        reference=Path("/recorded_1"),
        metrics=(ANGLE, MAP, FRECHET),
        systems=(
            scores(PERCENT, Interval(1.30001, 0.7, 1.9, 3), Interval(0.25, 0.1, 0.4, 3), WIDE),
            scores(VISAGE, Interval(1.3, 0.9, 1.6, 3), Interval(0.5, 0.4, 0.6, 2), WITHOUT_ENDS),
            scores(MUTE, NONE, NONE, Interval(400.0, 390.0, 410.0, 3), clips=()),
            scores(FRONT, Interval(0.5, 0.25, 0.75, 3), Interval(0.9, 0.8, 1.0, 3), NONE, folder=False),
        ),
        comparisons=(
            Comparison("angle", PERCENT, FRONT, 3, 0.8, 0.4, 1.2, 0.0004, 0.0012),
            Comparison("angle", PERCENT, VISAGE, 3, -0.00001, -0.5, 0.5, 0.75, 0.75),
            Comparison("map_cc", PERCENT, VISAGE, 2, -0.25, -0.5, -0.1, 0.01, 0.02),
            Comparison("angle", PERCENT, MUTE, 0, math.nan, math.nan, math.nan, None, None),
        ),
        findings=(
            *(Finding(PERCENT, clip, "rate", "has 16000 Hz", counted=True) for clip in CLIPS),
            *(Finding(MUTE, f"clip{n}", "silent", f"clip{n}.wav is silent", counted=False) for n in range(5)),
            Finding("reference", "x|y", "missing", "gone", counted=False),
        ),
        notes=("Trained on *no* clip here",),
        directions={
            "reference": dict(zip(CLIPS, (unit(0, 0), unit(90, 10), unit(180, -20)), strict=True)),
            PERCENT: dict(zip(CLIPS, (unit(30, 0), unit(90, 40), unit(-90, -20)), strict=True)),
            VISAGE: dict(zip(CLIPS[:2], (unit(0, 0), unit(-90, -10)), strict=True)),
            FRONT: dict.fromkeys(CLIPS, unit(0, 0)),
        },
        strips=(strip(), strip("cat, the/../x")),
        seed=7,
    )
