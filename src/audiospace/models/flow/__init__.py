"""Paths, solvers and guidance of flow matching."""

from audiospace.models.flow.guidance import Guided
from audiospace.models.flow.path import interpolate, velocity_target
from audiospace.models.flow.solver import OnStep, Velocity, euler, heun

__all__ = ["Guided", "OnStep", "Velocity", "euler", "heun", "interpolate", "velocity_target"]
