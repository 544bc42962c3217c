"""What the frame encoder would say of a real video of a scene, without a picture."""

from audiospace.training.simulated_features.confusions import neighbours
from audiospace.training.simulated_features.realism import Realism
from audiospace.training.simulated_features.simulation import simulate_features

__all__ = ["Realism", "neighbours", "simulate_features"]
