"""Pixels, directions and views of the sphere."""
