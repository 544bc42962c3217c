"""Pixels, directions and views of the sphere."""

from audiospace.panorama.cubemap import eac_to_erp, erp_to_eac
from audiospace.panorama.equirectangular import area_weights, directions, pixel_of, rotate
from audiospace.panorama.perspective import perspective, perspective_grid, sharp_height
from audiospace.panorama.sampling import Interpolation, SamplingGrid, sample, sample_flat, shrink
from audiospace.panorama.tiling import Tiling, nearest_tiles, sphere_tiling, views

__all__ = [
    "Interpolation",
    "SamplingGrid",
    "Tiling",
    "area_weights",
    "directions",
    "eac_to_erp",
    "erp_to_eac",
    "nearest_tiles",
    "perspective",
    "perspective_grid",
    "pixel_of",
    "rotate",
    "sample",
    "sample_flat",
    "sharp_height",
    "shrink",
    "sphere_tiling",
    "views",
]
