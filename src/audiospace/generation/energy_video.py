"""The video with the sound's energy laid over it: where the sound is, seen on the picture it belongs to."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import DirectionTrack, covariances_of_blocks, maps_of, track_of
from audiospace.media import Sound

MAP_HEIGHT, MAP_WIDTH = 32, 64
WINDOW = 0.25
"""Seconds of sound that one map shows."""
STRONGEST = 0.8
"""Opacity of the colour where the sound is loudest."""
CONTRAST = 2.0
"""Exponent on the energy: first-order beams are broad, and this shows their middle."""
LOUDNESS_RANGE = 30.0
"""Decibels below the loudest moment at which the colour vanishes."""
FAINTEST = 0.05
"""Opacity below which nothing is seen."""
WHITE, DARK = (255, 255, 255), (24, 24, 24)


@dataclass(frozen=True)
class EnergyOverlay:
    """The energy of a sound by direction and time, ready to be drawn.

    Attributes:
        times: Middle of each map in seconds, shape (k,), evenly spaced.
        covariances: Of the four channels about those times, shape (k, 4, 4): all that a map is made of.
        presence: Opacity that each moment's loudness gives it, in [0, 1], shape (k,).
        track: Dominant direction at the same times.
        loudest: Index of the loudest map.
    """

    times: NDArray[np.float64]
    covariances: NDArray[np.float64]
    presence: NDArray[np.float64]
    track: DirectionTrack
    loudest: int

    def opacity(self, index: int) -> NDArray[np.float32]:
        """Give the map of one moment.

        It shows how much louder a direction is than the quietest one, relative to the loudest direction of
        that moment, and fades with the moment's loudness, so that silence leaves the picture bare.

        Args:
            index: Which moment.

        Returns:
            Opacity of the colour in [0, 1], shape (32, 64), row and column as in an equirectangular frame.
        """
        power = maps_of(self.covariances[index], MAP_HEIGHT, MAP_WIDTH)
        span = max(float(np.ptp(power)), float(np.finfo(np.float64).tiny))
        shape = ((power - power.min()) / span) ** CONTRAST
        return np.asarray(shape * self.presence[index], dtype=np.float32)


def energy_overlay(sound: Sound, times: NDArray[np.float64]) -> EnergyOverlay:
    """Compute what is drawn over the frames.

    Args:
        sound: AmbiX sound; it is read once.
        times: Times of the frames in seconds, evenly spaced, shape (k,).

    Returns:
        The overlay.
    """
    covariances = covariances_of_blocks(sound.blocks(), sound.sample_rate, times, WINDOW)
    moment = np.array([maps_of(matrix, MAP_HEIGHT, MAP_WIDTH).mean() for matrix in covariances])
    decibels = 10 * np.log10(np.maximum(moment, 1e-20) / max(float(moment.max()), 1e-20))
    return EnergyOverlay(
        times=times,
        covariances=covariances,
        presence=np.clip(1 + decibels / LOUDNESS_RANGE, 0, 1) * (moment > 0),
        track=track_of(times, covariances),
        loudest=int(moment.argmax()),
    )


def _spread(opacity: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Enlarge a map to a frame's size; the columns at the seam are neighbours."""
    margin = 2
    padded = np.pad(opacity, ((0, 0), (margin, margin)), mode="wrap")
    padded = np.pad(padded, ((margin, margin), (0, 0)), mode="edge")
    scale_x, scale_y = width / opacity.shape[1], height / opacity.shape[0]
    full = cv2.resize(
        padded,
        (round(padded.shape[1] * scale_x), round(padded.shape[0] * scale_y)),
        interpolation=cv2.INTER_CUBIC,
    )
    top, left = round(margin * scale_y), round(margin * scale_x)
    return np.clip(full[top : top + height, left : left + width], 0, 1)


def _colour(image: NDArray[np.uint8], opacity: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Lay the colour map over a frame, as opaque as the energy is high."""
    levels = (opacity * 255).astype(np.uint8)
    colour = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    weight = (opacity * (STRONGEST * 256)).astype(np.uint16)[..., None]
    mixed = (image * (256 - weight) + colour * weight) >> 8
    return np.asarray(mixed, dtype=np.uint8)


def _ring(image: NDArray[np.uint8], azimuth: float, elevation: float) -> None:
    """Draw a ring around a direction, in place; across the seam it shows on both sides."""
    height, width = image.shape[:2]
    x = (0.5 - azimuth / (2 * np.pi)) % 1 * width
    y = (0.5 - elevation / np.pi) * height
    radius = max(6, height // 28)
    for offset in (-width, 0, width):
        centre = (round(x + offset), round(y))
        cv2.circle(image, centre, radius, DARK, max(3, height // 110), cv2.LINE_AA)
        cv2.circle(image, centre, radius, WHITE, max(1, height // 260), cv2.LINE_AA)


def _write(image: NDArray[np.uint8], text: str, x: int, y: int, scale: float) -> None:
    """Write white text with a dark shadow, in place."""
    for colour, offset in ((DARK, 1), (WHITE, 0)):
        origin = (x + offset, y + offset)
        cv2.putText(image, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv2.LINE_AA)


def _legend(image: NDArray[np.uint8], text: str) -> None:
    """Draw a colour bar from quiet to loud and a line of text in the lower left corner, in place."""
    height, width = image.shape[:2]
    bar_width, bar_height, margin = width // 8, max(4, height // 64), max(6, height // 40)
    ramp = np.tile(np.linspace(0, 255, bar_width).astype(np.uint8), (bar_height, 1))
    top = height - margin - bar_height
    image[top : top + bar_height, margin : margin + bar_width] = cv2.cvtColor(
        cv2.applyColorMap(ramp, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB
    )
    corner = (margin - 1, top - 1), (margin + bar_width, top + bar_height)
    cv2.rectangle(image, *corner, WHITE, 1)
    scale = height / 1100
    _write(image, "quiet", margin, top - margin // 2, scale)
    size, _baseline = cv2.getTextSize("loud", cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    _write(image, "loud", margin + bar_width - size[0], top - margin // 2, scale)
    _write(image, text, margin * 2 + bar_width, top + bar_height, scale)


def draw(image: NDArray[np.uint8], overlay: EnergyOverlay, index: int) -> NDArray[np.uint8]:
    """Draw the energy of one moment over a frame.

    Args:
        image: Equirectangular frame, shape (height, width, 3), uint8.
        overlay: What `energy_overlay` returned.
        index: Which of its moments.

    Returns:
        The frame with the energy's colours, a ring at the dominant direction, if there is one, and a legend;
        shape and dtype as given.
    """
    opacity = overlay.opacity(index)
    drawn = _colour(image, _spread(opacity, *image.shape[:2]))
    text = "silence"
    if float(overlay.presence[index]) > FAINTEST:
        text = "no direction"
    if float(opacity.max()) > FAINTEST:
        azimuth, elevation = float(overlay.track.azimuth[index]), float(overlay.track.elevation[index])
        _ring(drawn, azimuth, elevation)
        text = f"azimuth {np.degrees(azimuth):+.0f}  elevation {np.degrees(elevation):+.0f}"
    _legend(drawn, f"{overlay.times[index]:.1f} s   {text}")
    return drawn
