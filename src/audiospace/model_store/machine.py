"""What this machine has to compute with."""

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch

_CPU_INFO, _MEMORY_INFO = Path("/proc/cpuinfo"), Path("/proc/meminfo")
_CONTAINER_LIMIT, _CONTAINER_USE = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
_INSTRUCTIONS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimd")


@dataclass(frozen=True)
class Processor:
    """The CPU.

    Attributes:
        name: Its model.
        cores: Logical cores that this process may use.
        threads: How many PyTorch uses.
        capability: The instruction set that PyTorch chose, such as "AVX512".
        instructions: Those that matter here and are there; empty where the system does not tell.
    """

    name: str
    cores: int
    threads: int
    capability: str
    instructions: tuple[str, ...]


@dataclass(frozen=True)
class Accelerator:
    """A device beside the CPU.

    Attributes:
        device: What `--device` calls it.
        name: Its model.
        memory: Its bytes; None where they cannot be told.
        free: Those that are free; None where they cannot be told.
    """

    device: str
    name: str
    memory: int | None
    free: int | None


def processor() -> Processor:
    """Look at the CPU."""
    fields = _read_fields(_CPU_INFO)
    flags = (fields.get("flags") or fields.get("Features") or "").split()
    return Processor(
        name=fields.get("model name") or platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        threads=torch.get_num_threads(),
        capability=torch.backends.cpu.get_cpu_capability(),
        instructions=tuple(name for name in _INSTRUCTIONS if name in flags),
    )


def accelerators() -> tuple[Accelerator, ...]:
    """List the GPUs that PyTorch can use."""
    if torch.backends.mps.is_available():
        return (Accelerator("mps", "Apple GPU", torch.mps.recommended_max_memory(), None),)
    if not torch.cuda.is_available():
        return ()
    found = []
    for index in range(torch.cuda.device_count()):
        free, memory = torch.cuda.mem_get_info(index)
        found.append(Accelerator(f"cuda:{index}", torch.cuda.get_device_name(index), memory, free))
    return tuple(found)


def free_memory() -> int | None:
    """Bytes of main memory that can still be had, or None where the system does not tell."""
    kibibytes = _read_fields(_MEMORY_INFO).get("MemAvailable", "").removesuffix(" kB")
    if not kibibytes.isdigit():
        return None
    available = 1024 * int(kibibytes)
    try:
        limit, used = _CONTAINER_LIMIT.read_text().strip(), int(_CONTAINER_USE.read_text())
    except (OSError, ValueError):
        return available
    return min(available, max(0, int(limit) - used)) if limit.isdigit() else available


def free_disk(folder: Path) -> int:
    """Bytes that are free where a folder is, or will be made.

    Args:
        folder: Any path.

    Returns:
        The bytes.
    """
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _read_fields(path: Path) -> dict[str, str]:
    """The lines "key: value" of a file of the Linux kernel; where a key comes again, the first counts."""
    fields: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return fields
    for line in lines:
        key, separator, value = line.partition(":")
        if separator:
            fields.setdefault(key.strip(), value.strip())
    return fields
