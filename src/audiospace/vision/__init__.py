"""Frames to features with times and directions."""
