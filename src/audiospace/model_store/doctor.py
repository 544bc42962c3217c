"""What is installed and what this machine has, against what the models need."""

import platform
from dataclasses import dataclass
from pathlib import Path

from audiospace.model_store.cache import cache_folder
from audiospace.model_store.extras import Extra, installed_version, list_extras
from audiospace.model_store.listing import ListedModel, list_models
from audiospace.model_store.machine import (
    Accelerator,
    Processor,
    accelerators,
    free_disk,
    free_memory,
    processor,
)

DEFAULT_MODEL = "audiospace-mini"
_PACKAGES = (
    "audiospace",
    "torch",
    "numpy",
    "scipy",
    "av",
    "opencv-python-headless",
    "soundfile",
    "safetensors",
)


@dataclass(frozen=True)
class Diagnosis:
    """What `audiospace doctor` says.

    Attributes:
        versions: Of Python and of the packages that are always needed; None where one is not installed.
        extras: The optional packages.
        processor: The CPU.
        accelerators: GPUs that can be used.
        memory: Bytes of free main memory; None where the system does not tell.
        cache: The folder of downloaded models.
        disk: Bytes that are free there.
        models: Every model of the catalogue, and what it lacks.
    """

    versions: dict[str, str | None]
    extras: tuple[Extra, ...]
    processor: Processor
    accelerators: tuple[Accelerator, ...]
    memory: int | None
    cache: Path
    disk: int
    models: tuple[ListedModel, ...]

    @property
    def healthy(self) -> bool:
        """Whether the model that ships can run."""
        return None not in self.versions.values() and any(
            model.ready for model in self.models if model.known.name == DEFAULT_MODEL
        )


def examine() -> Diagnosis:
    """Look at this machine; nothing is changed or downloaded, and no model is loaded."""
    versions: dict[str, str | None] = {"python": platform.python_version()}
    versions |= {package: installed_version(package) for package in _PACKAGES}
    return Diagnosis(
        versions=versions,
        extras=list_extras(),
        processor=processor(),
        accelerators=accelerators(),
        memory=free_memory(),
        cache=cache_folder(),
        disk=free_disk(cache_folder()),
        models=list_models(),
    )
