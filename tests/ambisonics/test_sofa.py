import sys

import numpy as np
import pytest

from audiospace.ambisonics import SphericalHead, binaural, encode, read_sofa
from audiospace.errors import MissingExtraError, UserError

RATE = 44100
TAPS = 256
DELAY = 64


def _write(path, *, azimuths=range(0, 360, 20), elevations=range(-60, 90, 20), swap=False, gain=0.1):
    """Write the spherical head as if it had been measured, on a grid in degrees."""
    sofar = pytest.importorskip("sofar")
    grid = np.array([(a, e, 1.5) for e in elevations for a in azimuths], dtype=float)
    head = SphericalHead()
    frequencies = np.fft.rfftfreq(TAPS, 1 / RATE)
    azimuth, elevation = np.radians(grid[:, 0]), np.radians(grid[:, 1])
    shift = np.exp(-2j * np.pi * frequencies * DELAY / RATE)[:, None]
    ears = []
    for ear in (head.ear_azimuth, -head.ear_azimuth):
        pressure = head.surface_pressure(frequencies, np.cos(elevation) * np.cos(azimuth - ear)) * shift
        ears.append(np.fft.irfft(pressure, TAPS, axis=0).T)
    contents = sofar.Sofa("SimpleFreeFieldHRIR")
    contents.Data_IR = gain * np.stack(ears[::-1] if swap else ears, axis=1)
    contents.Data_SamplingRate = RATE
    contents.SourcePosition = grid
    if swap:
        contents.ReceiverPosition = contents.ReceiverPosition[::-1]
    sofar.write_sofa(str(path), contents)
    return path


@pytest.mark.parametrize("swap", [False, True])
def test_a_measured_sphere_sounds_like_the_computed_one(tmp_path, swap):
    head = read_sofa(_write(tmp_path / "sphere.sofa", swap=swap))
    noise = np.random.default_rng(0).standard_normal(8000)
    for azimuth in (np.pi / 2, -0.6):
        measured, computed = (
            binaural(encode(noise, azimuth, 0.0), RATE, ears) for ears in (head, SphericalHead())
        )
        correlation = np.sum(measured * computed, axis=-1) / np.sqrt(
            np.sum(measured**2, axis=-1) * np.sum(computed**2, axis=-1)
        )
        assert correlation.min() > 0.9
        np.testing.assert_allclose(np.std(measured, axis=-1), np.std(computed, axis=-1), rtol=0.15)


def test_weights_are_shares_of_the_sphere(tmp_path):
    head = read_sofa(_write(tmp_path / "sphere.sofa", elevations=range(-90, 91, 30)))
    assert head.weights.sum() == pytest.approx(1)
    assert len(head.weights) == 5 * 18 + 2  # the poles are there once
    assert head.weights.min() > 0


def test_files_that_cannot_be_used(tmp_path):
    text = tmp_path / "text.sofa"
    text.write_text("not a SOFA file")
    for path in (text, tmp_path / "missing.sofa", tmp_path):
        with pytest.raises(UserError, match=path.name):
            read_sofa(path)
    with pytest.raises(UserError, match="cover the sphere"):
        read_sofa(_write(tmp_path / "flat.sofa", elevations=[0]))
    with pytest.raises(UserError, match="silent"):
        read_sofa(_write(tmp_path / "silent.sofa", gain=0.0))


def test_other_conventions_are_refused(tmp_path):
    sofar = pytest.importorskip("sofar")
    path = tmp_path / "room.sofa"
    sofar.write_sofa(str(path), sofar.Sofa("GeneralFIR"))
    with pytest.raises(UserError, match="no head-related"):
        read_sofa(path)


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sofar", None)
    with pytest.raises(MissingExtraError, match=r"audiospace\[sofa\]"):
        read_sofa(tmp_path / "any.sofa")
