"""Scenes with exact ground truth, seen and heard."""
