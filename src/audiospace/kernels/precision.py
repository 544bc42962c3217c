"""In what precision the matrix products of a network can be computed here."""

from typing import Literal, get_args

import torch

from audiospace.errors import UserError

Precision = Literal["float32", "bfloat16", "float16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


def supported_precisions(device: torch.device) -> tuple[Precision, ...]:
    """List the precisions that a device computes in by itself, exact ones first.

    Args:
        device: Where the network will run.

    Returns:
        "float32", and what is faster than it on this device: on a CPU "bfloat16" where it has instructions
        for it (AVX-512 BF16 or AMX) and "int8" where it has those (VNNI).
    """
    if device.type == "cpu":
        return "float32", *_cpu_extras()
    if device.type == "cuda":
        bfloat16: tuple[Precision, ...] = ("bfloat16",) if torch.cuda.is_bf16_supported() else ()
        return "float32", *bfloat16, "float16"
    return "float32", "float16"


def has_onednn() -> bool:
    """Whether this build of torch has oneDNN, as those for x86 do."""
    return bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]


def _cpu_extras() -> tuple[Precision, ...]:
    if not has_onednn():
        return ()
    half = _cpu_has("_is_avx512_bf16_supported") or _cpu_has("_is_amx_tile_supported")
    eighth = _cpu_has("_is_vnni_supported")
    names: tuple[tuple[bool, Precision], ...] = ((half, "bfloat16"), (eighth, "int8"))
    return tuple(name for there, name in names if there)


def _cpu_has(question: str) -> bool:
    """Ask torch about the processor; the questions have no public names and differ between versions."""
    ask = getattr(torch.cpu, question, None)
    return ask is not None and bool(ask())


def choose_precision(wanted: str, device: torch.device) -> Precision:
    """Settle the precision of a network's matrix products.

    Args:
        wanted: One of `PRECISIONS`, "auto" (float32 on a CPU, which is exact; float16 on a GPU, as the
            published model runs there) or "fast" (the fewest bits that the device computes in).
        device: Where the network will run.

    Returns:
        The precision.

    Raises:
        UserError: There is no such precision, or the device would gain nothing from it.
    """
    there = supported_precisions(device)
    if wanted == "fast" or (wanted == "auto" and device.type == "cuda"):
        return there[-1]
    if wanted == "auto":
        return "float32"
    for precision in there:
        if precision == wanted:
            return precision
    if wanted in PRECISIONS:
        raise UserError(
            f"this {device.type} device has no instructions for {wanted}",
            remedy=f"Use one of {', '.join(there)}",
        )
    raise UserError(f"unknown precision {wanted!r}", remedy=f"Use one of auto, fast, {', '.join(there)}")
