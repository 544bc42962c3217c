"""`audiospace info`: what a video or sound file is, and where its sound comes from."""

from pathlib import Path
from typing import Annotated

import typer

from audiospace.cli.console import output, print_json


def info_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A video or a sound file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Show a file's projection, streams, spatial metadata, levels and dominant directions over time.

    Directions are degrees: azimuth left-positive, elevation up-positive. Diffuseness is 0 for one source in
    the open and 1 for sound from everywhere.
    """
    from audiospace.inspection import inspect, inspection_json, inspection_lines

    found = inspect(file)
    if as_json:
        print_json(inspection_json(found))
        return
    console = output()
    for line in inspection_lines(found):
        console.print(line, markup=False)
