"""Answers known from real clips, which are for evaluation only and stay outside the project."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audiospace.media import read_audio
from audiospace.metrics import field_errors, point_source, published_errors, summarise

CLIPS = Path(__file__).parents[2].parent / "shared" / "clips"

pytestmark = pytest.mark.skipif(not CLIPS.is_dir(), reason="needs the published systems' clips")


def read(folder):
    found = {}
    for path in sorted((CLIPS / folder).iterdir()):
        audio = read_audio(path, channels=4)
        found[path.stem] = summarise([audio.samples], audio.sample_rate)
    return found


@pytest.fixture(scope="module")
def recorded():
    return read("gt")


def mean_errors(metric, recorded, generated):
    every = [metric(recorded[name], field) for name, field in generated.items()]
    return [float(np.mean([getattr(e, part) for e in every])) for part in ("azimuth", "elevation", "angle")]


@pytest.mark.parametrize(
    ("system", "count", "angle", "published"),
    [
        ("audiospace", 10, 1.300, (1.77, 0.64, 1.39)),
        ("visage", 12, 1.076, (1.37, 0.72, 1.30)),
        ("mmaudio_as", 12, 0.013, (0.01, 0.27, 0.27)),
    ],
)
def test_published_systems_have_their_known_errors(system, count, angle, published, recorded):
    generated = read(system)
    assert len(generated) == count
    assert mean_errors(field_errors, recorded, generated)[2] == pytest.approx(angle, abs=1e-3)
    assert mean_errors(published_errors, recorded, generated) == pytest.approx(published, abs=5e-3)


def test_always_front_has_its_known_errors(recorded):
    front = {name: point_source(field, np.array([1.0, 0.0, 0.0])) for name, field in recorded.items()}
    assert mean_errors(field_errors, recorded, front)[2] == pytest.approx(1.492, abs=1e-3)
    assert mean_errors(published_errors, recorded, front) == pytest.approx((0.87, 0.89, 1.13), abs=5e-3)


def test_published_errors_of_a_clip_change_as_it_gets_quieter(recorded):
    reference = recorded["G8pABGosD38l_17"]
    audio = read_audio(CLIPS / "visage" / "G8pABGosD38l_17.ogg", channels=4)
    loud = summarise([audio.samples], audio.sample_rate)
    quiet = replace(loud, covariances=loud.covariances * 1e-2)
    before, after = published_errors(reference, loud), published_errors(reference, quiet)
    assert (before.elevation, before.angle) == pytest.approx((0.15, 1.49), abs=5e-3)
    assert (after.elevation, after.angle) == pytest.approx((0.84, 2.12), abs=6e-3)
    assert field_errors(reference, quiet).angle == pytest.approx(
        field_errors(reference, loud).angle, abs=1e-9
    )
