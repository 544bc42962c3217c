"""`audiospace simulate`: 360-degree clips whose sources are known."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from audiospace.cli.console import output, stage_progress


def simulate_command(
    folder: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the clips.")],
    clips: Annotated[int, typer.Option(min=1, help="How many clips.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same clips.")] = 0,
    sounds: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="A folder of recordings, one folder per kind. Default: procedural sounds."
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1.0, max=600.0, help="Length of a clip.")] = 10.0,
    sources: Annotated[int, typer.Option(min=1, max=4, help="The most things that sound in a clip.")] = 3,
    rooms: Annotated[
        bool, typer.Option("--rooms", help="Put some clips into rooms; needs the extra 'rooms'.")
    ] = False,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Use the looks and recordings that training never sees.")
    ] = False,
) -> None:
    """Make 360-degree clips with exact ground truth, for training and for tests.

    Writes ID.mp4 (equirectangular video), ID.wav (AmbiX sound) and ID.json (what sounds, when and from
    where).
    """
    from audiospace.simulate import ClipFormat, SoundLibrary, write_clips

    split: Literal["train", "test"] = "test" if held_out else "train"
    library = SoundLibrary.procedural() if sounds is None else SoundLibrary.from_folder(sounds, split=split)
    layout = ClipFormat(seconds=seconds, sources=(1, sources), split=split)
    with stage_progress() as advance:
        write_clips(
            folder,
            clips,
            seed,
            library,
            layout=layout if rooms else replace(layout, room=0.0),
            on_clip=lambda done, total: advance("clips", done, total),
        )
    output().print(f"{clips} clips in {folder}", markup=False)
