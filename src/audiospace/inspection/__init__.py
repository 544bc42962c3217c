"""What a file holds, and where its sound comes from: what `audiospace info` shows."""

from audiospace.inspection.description import inspection_json, inspection_lines
from audiospace.inspection.file_contents import FieldDirections, Inspection, SoundLevels, inspect

__all__ = [
    "FieldDirections",
    "Inspection",
    "SoundLevels",
    "inspect",
    "inspection_json",
    "inspection_lines",
]
