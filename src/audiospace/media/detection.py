"""Find out how a 360 video is laid out: from its metadata first, then from the shape of its pictures."""

from pathlib import Path

from audiospace.media.layout import Layout, layout_from_shape
from audiospace.media.spatial_metadata import read_spatial


def tagged_layout(path: str | Path) -> Layout | None:
    """Layout from a file's spherical metadata.

    Args:
        path: A video file.

    Returns:
        The layout, or None if the file says nothing.

    Raises:
        UserError: The metadata is damaged.
    """
    tags = read_spatial(path).video
    if tags is None:
        return None
    evidence = f"Spherical Video metadata ({tags.source})"
    if tags.projection == "equirectangular":
        return Layout("erp", tags.stereo, evidence)
    if tags.projection == "mesh":
        # YouTube describes its equi-angular cubemap by a mesh; no other use of it is in circulation.
        return Layout("eac", tags.stereo, f"{evidence}: a mesh, as YouTube writes for EAC")
    return Layout(None, tags.stereo, f"{evidence}: {tags.projection}, which is not supported")


def detect_layout(path: str | Path, width: int, height: int) -> Layout:
    """Layout from the file's spherical metadata, else from the shape of its pictures.

    Args:
        path: A video file.
        width: Pixels of its pictures.
        height: Pixels of its pictures.

    Returns:
        The layout.
    """
    return tagged_layout(path) or layout_from_shape(width, height)
