"""Faster forms of torch's layers for inference: the same weights, and the same numbers or nearly."""

from audiospace.kernels.accelerate import accelerate
from audiospace.kernels.linear import HalfLinear, PackedLinear
from audiospace.kernels.precision import PRECISIONS, Precision, choose_precision, supported_precisions
from audiospace.kernels.quantised import QuantisedLinear

__all__ = [
    "PRECISIONS",
    "HalfLinear",
    "PackedLinear",
    "Precision",
    "QuantisedLinear",
    "accelerate",
    "choose_precision",
    "supported_precisions",
]
