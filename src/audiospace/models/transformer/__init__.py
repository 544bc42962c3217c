"""The flow-matching diffusion transformer."""
