"""From a video to its sound."""
