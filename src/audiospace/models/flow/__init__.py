"""Paths, solvers and guidance of flow matching."""
