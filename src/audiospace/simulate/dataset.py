"""Folders of simulated clips: a 360 video, its sound field, and the truth about both."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from audiospace.ambisonics import angles
from audiospace.errors import UserError
from audiospace.media import write_audio, write_video, writing
from audiospace.simulate.frames import render_frames
from audiospace.simulate.render import activity, draw_sounds, render_field
from audiospace.simulate.scene import Scene, random_scene
from audiospace.simulate.sources import DrawnSound, SoundLibrary

TRUTH_INTERVAL = 0.1
"""Seconds between the directions written to a clip's truth."""


@dataclass(frozen=True)
class ClipFormat:
    """How clips are made.

    Attributes:
        seconds: Length of a clip.
        sample_rate: Of the sound, hertz.
        frames_per_second: Of the video.
        height: Rows of the video, even; twice as many columns.
        sources: Smallest and largest number of sounding sources.
        moving: Probability that a source moves.
        room: Probability of a room.
        split: 'train' or 'test' looks; the library decides which recordings.
    """

    seconds: float = 10.0
    sample_rate: int = 44100
    frames_per_second: float = 10.0
    height: int = 480
    sources: tuple[int, int] = (1, 3)
    moving: float = 0.5
    room: float = 0.4
    split: Literal["train", "test"] = "train"


def write_clips(
    out: str | Path,
    count: int,
    seed: int,
    library: SoundLibrary,
    *,
    layout: ClipFormat | None = None,
    kinds: Sequence[str] | None = None,
    on_clip: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write simulated clips: ID.mp4 (tagged 360 video), ID.wav (AmbiX, float), ID.json (the truth).

    Args:
        out: Folder, made if need be.
        count: Number of clips.
        seed: Clip k is drawn from the seed and k, whatever the count.
        library: Where the sounds come from.
        layout: How clips are made; None for the defaults.
        kinds: Kinds to choose from; None for all that the library has.
        on_clip: Called after each clip with (clips done, count).

    Returns:
        The paths of the JSON files.

    Raises:
        UserError: The folder or a file cannot be written, or a recording not decoded.
        ValueError: The library has none of the kinds.
    """
    folder, how = Path(out), ClipFormat() if layout is None else layout
    _make_folder(folder)
    written = []
    for number in range(count):
        scene = random_scene(
            seed * 100_000 + number,
            kinds=[kind for kind in library.kinds if kinds is None or kind in kinds],
            seconds=how.seconds,
            sources=how.sources,
            moving=how.moving,
            room=how.room,
            split=how.split,
        )
        written.append(write_clip(folder, f"sim{scene.seed:08d}_0", scene, library, how))
        if on_clip is not None:
            on_clip(number + 1, count)
    return written


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            "cannot be made a folder to write into", file=folder, remedy="Choose another folder"
        ) from error


def write_clip(folder: Path, name: str, scene: Scene, library: SoundLibrary, how: ClipFormat) -> Path:
    """Render one scene to three files; the JSON comes last, so a clip that has one is whole.

    Args:
        folder: Where to write.
        name: The clip's id.
        scene: What to render.
        library: Where the sounds come from.
        how: Rates and sizes.

    Returns:
        The path of the JSON file.

    Raises:
        UserError: A file cannot be written, or a recording not decoded.
        ValueError: The library lacks a kind.
    """
    sounds = draw_sounds(scene, library, how.sample_rate)
    field = render_field(scene, sounds, how.sample_rate)
    active = activity(scene, sounds, how.frames_per_second)
    write_video(
        folder / f"{name}.mp4",
        render_frames(scene, how.frames_per_second, how.height, activity=active),
        frames_per_second=how.frames_per_second,
        height=how.height,
        width=2 * how.height,
        spherical=True,
    )
    write_audio(folder / f"{name}.wav", field, how.sample_rate)
    target = folder / f"{name}.json"
    with writing(target) as temporary:
        temporary.write_text(json.dumps(truth(name, scene, sounds, how), indent=1) + "\n", encoding="utf-8")
    return target


def truth(name: str, scene: Scene, sounds: tuple[DrawnSound | None, ...], how: ClipFormat) -> dict[str, Any]:
    """Describe a scene as plain data: angles in degrees, distances in metres, levels in decibels.

    Args:
        name: The clip's id.
        scene: The scene.
        sounds: What its sources play.
        how: Rates and sizes.

    Returns:
        What the clip's JSON file holds.
    """
    times = np.arange(0.0, scene.seconds, TRUTH_INTERVAL) + TRUTH_INTERVAL / 2
    return {
        "id": name,
        "made_by": "audiospace simulate",
        "seed": scene.seed,
        "split": scene.split,
        "projection": "erp",
        "seconds": scene.seconds,
        "frames_per_second": how.frames_per_second,
        "height": how.height,
        "sample_rate": how.sample_rate,
        "convention": "AmbiX: ACN order W,Y,Z,X, SN3D; azimuth counter-clockwise from the front",
        "room": None if scene.room is None else asdict(scene.room),
        "ambience_db": scene.ambience_db,
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


def _track(vectors: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, list[float]]:
    azimuth, elevation = angles(vectors)
    return {
        "azimuth_degrees": np.degrees(azimuth).round(3).tolist(),
        "elevation_degrees": np.degrees(elevation).round(3).tolist(),
    }
