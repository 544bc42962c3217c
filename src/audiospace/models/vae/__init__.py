"""The audio VAE."""
