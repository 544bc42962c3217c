"""Frames to features with times and directions."""

from audiospace.vision.branches import (
    ALL_BRANCHES,
    BRANCHES,
    CUBEMAP,
    TILE_CHANNELS,
    extract,
    moments,
    useful_height,
)
from audiospace.vision.cache import FeatureCache, feature_key
from audiospace.vision.categories import CATEGORIES, Category, category_posterior
from audiospace.vision.encoder import EfficientNetLite0, FrameEncoder
from audiospace.vision.features import Features
from audiospace.vision.glance import Glance, looks_due
from audiospace.vision.metaclip import MetaCLIP
from audiospace.vision.metaclip_branches import Preprocessing, extract_published
from audiospace.vision.metaclip_weights import weights_folder, weights_id
from audiospace.vision.motion import HEIGHT as MOTION_HEIGHT
from audiospace.vision.motion import MotionMeter, tile_motion

__all__ = [
    "ALL_BRANCHES",
    "BRANCHES",
    "CATEGORIES",
    "CUBEMAP",
    "MOTION_HEIGHT",
    "TILE_CHANNELS",
    "Category",
    "EfficientNetLite0",
    "FeatureCache",
    "Features",
    "FrameEncoder",
    "Glance",
    "MetaCLIP",
    "MotionMeter",
    "Preprocessing",
    "category_posterior",
    "extract",
    "extract_published",
    "feature_key",
    "looks_due",
    "moments",
    "tile_motion",
    "useful_height",
    "weights_folder",
    "weights_id",
]
