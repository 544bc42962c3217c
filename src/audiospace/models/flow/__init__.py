"""Paths, solvers and guidance of flow matching."""

from audiospace.models.flow.guidance import ALWAYS, Guided
from audiospace.models.flow.path import interpolate, velocity_target
from audiospace.models.flow.solver import OnStep, Velocity, adams_bashforth, euler, midpoint

__all__ = [
    "ALWAYS",
    "Guided",
    "OnStep",
    "Velocity",
    "adams_bashforth",
    "euler",
    "interpolate",
    "midpoint",
    "velocity_target",
]
