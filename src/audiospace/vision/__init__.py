"""Frames to features with times and directions."""

from audiospace.vision.categories import CATEGORIES, Category, category_posterior
from audiospace.vision.encoder import EfficientNetLite0, FrameEncoder

__all__ = [
    "CATEGORIES",
    "Category",
    "EfficientNetLite0",
    "FrameEncoder",
    "category_posterior",
]
