"""AudioSpace: 360-degree video in, spatial sound out."""
