"""Measurements kept on disk: a sound is measured once, and a stopped evaluation goes on."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from audiospace.errors import UserError
from audiospace.evaluation.measurement import Measurement
from audiospace.hearing import Heard, SoundEmbedder
from audiospace.media import KeptFiles, writing
from audiospace.metrics import Onsets, SoundField

LIMIT = 2**30
"""Bytes that are kept at most."""
_REVISION = 1  # raise it when the same sound would be measured otherwise
_DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def measurement_key(path: Path, embedders: Mapping[str, SoundEmbedder], *, onsets: bool) -> str | None:
    """Name the measurements of a file by what it is now and by what is measured.

    A file that was written again has another time or size, and so another name. The time of the last change
    counts as well as that of the content, which programs that copy and unpack set to what it was elsewhere.

    Args:
        path: The file.
        embedders: Those that hear it.
        onsets: Whether onsets are measured.

    Returns:
        A hexadecimal SHA-256 digest; None if there is no such file.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    parts = {
        "revision": _REVISION,
        "path": str(path.resolve()),
        "size": status.st_size,
        "times": [status.st_mtime_ns, status.st_ctime_ns],
        "embedders": {name: embedder.id for name, embedder in sorted(embedders.items())},
        "onsets": onsets,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def recall(key: str) -> Measurement | None:
    """Find measurements of an earlier run.

    Args:
        key: What `measurement_key` gave.

    Returns:
        The measurements, or None if they are not there or damaged.
    """
    return _files().find(key, _load)


def keep(key: str, measured: Measurement) -> None:
    """Keep measurements for another run; where that is not possible, they are simply not kept.

    Args:
        key: What `measurement_key` gave.
        measured: The measurements.
    """

    def save(path: Path) -> None:
        with writing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **_to_arrays(measured))

    _files().keep(key, save)


def tidy() -> None:
    """Remove the measurements that were not asked for the longest, if there are too many."""
    _files().tidy()


def _files() -> KeptFiles:
    return KeptFiles.named("measurements", LIMIT)


def _load(path: Path) -> Measurement:
    try:
        with np.load(path, allow_pickle=False) as data:
            return _from_arrays({name: data[name] for name in data.files})
    except _DAMAGED as error:
        raise UserError("holds no measurements, or damaged ones", file=path) from error


def _to_arrays(measured: Measurement) -> dict[str, np.ndarray]:
    arrays = {
        "covariances": measured.field.covariances,
        "counts": measured.field.counts,
        "sample_rate": np.array(measured.field.sample_rate),
    }
    if measured.onsets is not None:
        arrays |= {"onsets.times": measured.onsets.times, "onsets.strength": measured.onsets.strength}
    for name, heard in measured.heard.items():
        arrays[f"embeddings.{name}"] = heard.embeddings
        if heard.logits is not None:
            arrays[f"logits.{name}"] = heard.logits
    return arrays


def _from_arrays(arrays: Mapping[str, np.ndarray]) -> Measurement:
    names = [key.removeprefix("embeddings.") for key in arrays if key.startswith("embeddings.")]
    return Measurement(
        field=SoundField(arrays["covariances"], arrays["counts"], int(arrays["sample_rate"])),
        onsets=Onsets(arrays["onsets.times"], arrays["onsets.strength"])
        if "onsets.times" in arrays
        else None,
        heard={name: Heard(arrays[f"embeddings.{name}"], arrays.get(f"logits.{name}")) for name in names},
    )
