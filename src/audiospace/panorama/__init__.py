"""Pixels, directions and views of the sphere."""

from audiospace.panorama.equirectangular import area_weights, directions, pixel_of, rotate
from audiospace.panorama.perspective import perspective, perspective_grid
from audiospace.panorama.sampling import Interpolation, SamplingGrid, sample, sample_flat, shrink
from audiospace.panorama.tiling import Tiling, nearest_tiles, sphere_tiling, views

__all__ = [
    "Interpolation",
    "SamplingGrid",
    "Tiling",
    "area_weights",
    "directions",
    "nearest_tiles",
    "perspective",
    "perspective_grid",
    "pixel_of",
    "rotate",
    "sample",
    "sample_flat",
    "shrink",
    "sphere_tiling",
    "views",
]
