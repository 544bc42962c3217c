"""Which models there are by name, where each is, and what it still lacks here."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audiospace.errors import UserError
from audiospace.model_store.cache import cache_folder, cached_model, check_cached
from audiospace.model_store.catalogue import CATALOGUE, FrameEncoderNeed, KnownModel
from audiospace.model_store.configuration import presets_folder
from audiospace.model_store.extras import is_installed, pip_command
from audiospace.model_store.hub import in_hub_cache
from audiospace.model_store.machine import free_disk, free_memory
from audiospace.vision.metaclip_weights import weights_file


@dataclass(frozen=True)
class Lack:
    """Something that a model needs and does not have.

    Attributes:
        what: What is missing, as a sentence without a final full stop.
        command: The command that fixes it; empty where no command does.
    """

    what: str
    command: str = ""


@dataclass(frozen=True)
class ListedModel:
    """A model of the catalogue on this machine.

    Attributes:
        known: The catalogue's entry.
        where: "ships", "cached" or "hub".
        path: Its file, unless it is on the hub.
        bytes: Size of the file, or of the download.
        lacks: What is missing before it can be used.
    """

    known: KnownModel
    where: str
    path: Path | None
    bytes: int
    lacks: tuple[Lack, ...]

    @property
    def ready(self) -> bool:
        """Whether it can be used as it is, without a download."""
        return not self.lacks


def list_models() -> tuple[ListedModel, ...]:
    """Look for every model of the catalogue; nothing is downloaded."""
    return tuple(_listed(known) for known in CATALOGUE)


def _listed(known: KnownModel) -> ListedModel:
    if known.release is None:
        path = presets_folder() / f"{known.name}.safetensors"
        found = path if path.is_file() else None
        lacks = [] if found else [Lack("its weights, which should come with the package, are not there")]
        size = path.stat().st_size if found else 0
        return ListedModel(known, "ships", found, size, (*lacks, *_lacks_memory(known)))
    lacks = [*_lacks_weights(known), *_lacks_encoder(known.frame_encoder), *_lacks_memory(known)]
    cached = cached_model(known)
    if cached is None:
        return ListedModel(known, "hub", None, known.release.bytes, tuple(lacks))
    return ListedModel(known, "cached", cached.path, cached.record.bytes, tuple(lacks))


def _lacks_weights(known: KnownModel) -> list[Lack]:
    if known.release is None:
        return []
    cached = cached_model(known)
    if cached is not None:
        return _lacks_whole_file(lambda: check_cached(cached), f"rm {cached.path}")
    download = (
        f"its checkpoint is not here yet ({known.release.bytes / 1e9:.1f} GB from {known.release.page})"
    )
    lacks = [Lack(download, f"audiospace model fetch {known.name}")]
    if not is_installed("hub"):
        lacks.insert(0, Lack("the 'hub' packages, which download it", pip_command("hub")))
    needed, free = 2 * known.release.bytes, free_disk(cache_folder())
    if free < needed:
        what = f"{needed / 1e9:.1f} GB of free disk in {cache_folder()}, where there are {free / 1e9:.1f} GB"
        lacks.append(Lack(what, "export XDG_CACHE_HOME=FOLDER"))
    return lacks


def _lacks_whole_file(check: Callable[[], None], command: str) -> list[Lack]:
    try:
        check()
    except UserError as error:
        return [Lack(error.what, command)]
    return []


def _lacks_encoder(need: FrameEncoderNeed | None) -> list[Lack]:
    if need is None:
        return []
    lacks = []
    if not is_installed(need.extra):
        lacks.append(Lack(f"the {need.extra!r} packages, which look at the video", pip_command(need.extra)))
    own = os.environ.get(need.variable)
    if own:
        try:
            weights_file(Path(own))
        except UserError:
            lacks.append(Lack(f"weights of {need.encoder} in {own}", f"unset {need.variable}"))
    elif all(in_hub_cache(need.repository, file) is None for file in need.files):
        what = f"the weights of {need.encoder} ({need.bytes / 1e9:.1f} GB from {need.page})"
        lacks.append(Lack(what, f"hf download {need.repository}"))
    return lacks


def _lacks_memory(known: KnownModel) -> list[Lack]:
    free = free_memory()
    if free is None or free >= known.memory:
        return []
    return [Lack(f"{known.memory / 1e9:.1f} GB of free memory, where there are {free / 1e9:.1f} GB")]
