"""One simulated clip as three files: a 360 video, its sound field, and the truth about both."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audiospace.ambisonics import angles, peak_safe_gain
from audiospace.media import write_audio, write_video, writing
from audiospace.simulate.frames import render_frames
from audiospace.simulate.render import activity, draw_ambience, draw_sounds, mix_field
from audiospace.simulate.scene import Scene
from audiospace.simulate.sources import PROCEDURAL, DrawnSound, SoundLibrary
from audiospace.simulate.trajectory import Vectors

TRUTH_INTERVAL = 0.1
"""Seconds between the directions written to a clip's truth."""
NOISE = "noise"
"""What the truth calls an ambience that is no recording."""


@dataclass(frozen=True)
class ClipFormat:
    """Rates and sizes of the files.

    Attributes:
        sample_rate: Of the sound, hertz.
        frames_per_second: Of the video.
        height: Rows of the video, even; twice as many columns.
    """

    sample_rate: int = 44100
    frames_per_second: float = 10.0
    height: int = 480


def write_clip(folder: Path, name: str, scene: Scene, library: SoundLibrary, layout: ClipFormat) -> Path:
    """Render one scene to three files; the JSON comes last, so a clip that has one is whole.

    Args:
        folder: Where to write.
        name: The clip's id.
        scene: What to render.
        library: Where the sounds come from.
        layout: Rates and sizes.

    Returns:
        The path of the JSON file.

    Raises:
        UserError: A file cannot be written, or a recording not decoded.
        ValueError: The library lacks a kind.
    """
    sounds = draw_sounds(scene, library, layout.sample_rate)
    around = draw_ambience(scene, library, layout.sample_rate)
    field = mix_field(scene, sounds, layout.sample_rate, ambience=around)
    gain = peak_safe_gain(field)
    active = activity(scene, sounds, layout.frames_per_second)
    write_video(
        folder / f"{name}.mp4",
        render_frames(scene, layout.frames_per_second, layout.height, activity=active),
        frames_per_second=layout.frames_per_second,
        height=layout.height,
        width=2 * layout.height,
        spherical=True,
    )
    write_audio(folder / f"{name}.wav", field * np.float32(gain), layout.sample_rate)
    told = truth(name, scene, layout, sounds=sounds, ambience=around, gain=gain)
    target = folder / f"{name}.json"
    with writing(target) as temporary:
        temporary.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return target


def truth(
    name: str,
    scene: Scene,
    layout: ClipFormat,
    *,
    sounds: tuple[DrawnSound | None, ...],
    ambience: DrawnSound | None = None,
    gain: float = 1.0,
) -> dict[str, Any]:
    """Describe a scene as plain data: angles in degrees, distances in metres, levels in decibels.

    Args:
        name: The clip's id.
        scene: The scene.
        layout: Rates and sizes.
        sounds: What its sources play.
        ambience: What is heard from all around, if it is a sound of the library.
        gain: The gain of all four channels that kept the peaks safe.

    Returns:
        What the clip's JSON file holds. Levels named `_db` are those of W before the gain, relative to a
        source's full level (0.1 RMS).
    """
    times = np.arange(0.0, scene.seconds, TRUTH_INTERVAL) + TRUTH_INTERVAL / 2
    return {
        "id": name,
        "made_by": "audiospace simulate",
        "seed": scene.seed,
        "split": scene.split,
        "projection": "erp",
        "seconds": scene.seconds,
        **asdict(layout),
        "convention": "AmbiX: ACN order W,Y,Z,X, SN3D; azimuth counter-clockwise from the front",
        "room": None if scene.room is None else asdict(scene.room),
        "behind": scene.behind,
        "gain_db": round(20 * float(np.log10(gain)), 3),
        "ambience": _ambience(scene, ambience),
        "microphone_db": None if scene.microphone_db is None else round(scene.microphone_db, 2),
        "camera_noise": round(scene.camera_noise, 3),
        "times": times.round(3).tolist(),
        "sources": [
            {
                "kind": source.kind,
                "look": source.look,
                "sound": None if sound is None else sound.origin,
                "sounding": source.sounding,
                "moving": source.path.moving,
                "level_db": round(source.level_db, 2),
                **_track(source.path.direction(times)),
                "distance_m": source.path.distance(times).round(3).tolist(),
                "size_degrees": np.degrees(source.angular_size(times)).round(2).tolist(),
            }
            for source, sound in zip(scene.sources, sounds, strict=True)
        ],
    }


def _ambience(scene: Scene, ambience: DrawnSound | None) -> dict[str, Any] | None:
    if scene.ambience_db is None:
        return None
    return {
        "kind": scene.ambience or NOISE,
        "sound": PROCEDURAL if ambience is None else ambience.origin,
        "level_db": round(scene.ambience_db, 2),
    }


def _track(vectors: Vectors) -> dict[str, list[float]]:
    azimuth, elevation = angles(vectors)
    return {
        "azimuth_degrees": np.degrees(azimuth).round(3).tolist(),
        "elevation_degrees": np.degrees(elevation).round(3).tolist(),
    }
