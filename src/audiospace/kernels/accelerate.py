"""Exchanging the layers of a network for faster ones."""

from collections.abc import Callable

import torch
from torch import nn

from audiospace.kernels.linear import HalfLinear, PackedLinear, can_pack
from audiospace.kernels.precision import Precision
from audiospace.kernels.quantised import QuantisedLinear


def accelerate(module: nn.Module, precision: Precision) -> None:
    """Exchange every linear layer of a module for one that infers faster, in place.

    The module cannot be trained or saved any more: the exchanged weights are in the processor's own layout.
    Only linear layers change; norms, sums and what lies between them keep the precision they have.

    Args:
        module: On the device where it will run.
        precision: Of the products: "float32" is exact up to the order of the sums, "bfloat16" and "float16"
            keep 8 and 11 bits of each number, "int8" quantises weights per output and inputs per row.

    Raises:
        RuntimeError: This build of torch cannot compute in it.
    """
    for name, child in list(module.named_children()):
        if type(child) is nn.Linear:
            setattr(module, name, _FASTER[precision](child))
        else:
            accelerate(child, precision)


def _float32(layer: nn.Linear) -> nn.Module:
    return PackedLinear(layer) if can_pack(layer, torch.float32) else layer


def _bfloat16(layer: nn.Linear) -> nn.Module:
    faster = PackedLinear if can_pack(layer, torch.bfloat16) else HalfLinear
    return faster(layer, torch.bfloat16)


def _float16(layer: nn.Linear) -> nn.Module:
    return HalfLinear(layer, torch.float16)


_FASTER: dict[Precision, Callable[[nn.Linear], nn.Module]] = {
    "float32": _float32,
    "bfloat16": _bfloat16,
    "float16": _float16,
    "int8": QuantisedLinear,
}
