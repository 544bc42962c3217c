"""How far reconstructed sound fields are from the original ones, in figures that can be read."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from audiospace.ambisonics import angular_distance, intensity
from audiospace.training.losses import VAELossConfig, magnitude_distance, spectrum
from audiospace.training.losses.signals import channels_and_cardioids

FLOOR = 1e-10
LOWEST_OCTAVE, OCTAVE = 62.5, 2.0


@dataclass(frozen=True)
class ReconstructionError:
    """Errors of one sound field.

    Attributes:
        si_sdr: See `si_sdr`, in dB.
        stft: See `stft_distance`.
        angle: Great-circle distance in degrees of the directions of the time-averaged intensities, in
            [0, 180]; 90 by chance. It means little for a field without a dominant direction.
        levels: See `octave_level_errors`, in dB by centre frequency in Hz.
    """

    si_sdr: float
    stft: float
    angle: float
    levels: dict[int, float]


def reconstruction_error(estimate: Tensor, target: Tensor, sample_rate: int) -> ReconstructionError:
    """Compare a reconstruction with its original.

    Args:
        estimate: AmbiX field, shape (4, samples).
        target: Field of the same shape.
        sample_rate: Samples per second.

    Returns:
        The errors.
    """
    a, b = estimate.detach().cpu().float(), target.detach().cpu().float()
    angle = angular_distance(intensity(a.numpy()), intensity(b.numpy()))
    return ReconstructionError(
        si_sdr=si_sdr(a, b),
        stft=stft_distance(a, b),
        angle=math.degrees(float(angle)),
        levels=octave_level_errors(a, b, sample_rate),
    )


def figures(errors: list[ReconstructionError]) -> dict[str, float]:
    """Sum up the errors of several fields.

    Args:
        errors: At least one.

    Returns:
        Means 'si_sdr', 'stft', 'angle_mean', 'octaves' (level error over all octaves) and 'octave_F' (that of
        the octave around F Hz), and the median 'angle'.
    """
    angles = [error.angle for error in errors]
    octaves = {hertz: float(np.mean([error.levels[hertz] for error in errors])) for hertz in errors[0].levels}
    return {
        "si_sdr": float(np.mean([error.si_sdr for error in errors])),
        "stft": float(np.mean([error.stft for error in errors])),
        "angle": float(np.median(angles)),
        "angle_mean": float(np.mean(angles)),
        "octaves": float(np.mean(list(octaves.values()))),
    } | {f"octave_{hertz}": value for hertz, value in octaves.items()}


def si_sdr(estimate: Tensor, target: Tensor) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux, Wisdom, Erdogan and Hershey 2019) of a field.

    The four channels are taken as one signal with one scale, so wrong relations between them count.

    Args:
        estimate: Shape (4, samples).
        target: Shape (4, samples).

    Returns:
        In dB, the higher the better; 0 where error and signal are equally strong, and below 0 as soon as
        the waveform is another one, however alike the two sound: a decoder that writes new noise of the right
        colour is not worse to the ear for it. Silent targets give a large negative figure.
    """
    scale = (estimate * target).sum() / (target.square().sum() + FLOOR)
    signal = (scale * target).square().sum()
    error = (estimate - scale * target).square().sum()
    return float(10 * torch.log10((signal + FLOOR) / (error + FLOOR)))


def stft_distance(estimate: Tensor, target: Tensor) -> float:
    """Multi-resolution STFT distance (Yamamoto, Song and Kim 2020) of channels and cardioids.

    The resolutions are those published for the stereo autoencoder, without weighting of frequencies, so that
    figures of runs with different losses can be compared.

    Args:
        estimate: Shape (4, samples).
        target: Shape (4, samples).

    Returns:
        Spectral convergence plus the mean log-magnitude difference in nepers; 0 is perfect, about 2 is noise
        of the right colour.
    """
    standard, upright = VAELossConfig(), torch.eye(3)[None]
    distances = [
        magnitude_distance(
            *(
                channels_and_cardioids(spectrum(field[None], size, standard.overlap), upright)
                for field in (estimate, target)
            )
        )
        for size in standard.resolutions
    ]
    return float(torch.stack(distances).mean())


def octave_level_errors(estimate: Tensor, target: Tensor, sample_rate: int) -> dict[int, float]:
    """Absolute difference of the levels over the whole length, octave by octave, mean over the channels.

    Args:
        estimate: Shape (4, samples).
        target: Shape (4, samples).
        sample_rate: Samples per second.

    Returns:
        In dB by centre frequency in Hz, from 62 Hz up to the highest octave below half the sample rate.
    """
    power_a, power_b = (torch.fft.rfft(field).abs().square() for field in (estimate, target))
    frequency = torch.fft.rfftfreq(estimate.shape[-1], 1 / sample_rate)
    errors = {}
    centre = LOWEST_OCTAVE
    while centre * math.sqrt(OCTAVE) <= sample_rate / 2:
        inside = (frequency >= centre / math.sqrt(OCTAVE)) & (frequency < centre * math.sqrt(OCTAVE))
        a, b = power_a[:, inside].sum(dim=-1) + FLOOR, power_b[:, inside].sum(dim=-1) + FLOOR
        errors[int(centre)] = float((10 * torch.log10(a / b)).abs().mean())
        centre *= OCTAVE
    return errors
