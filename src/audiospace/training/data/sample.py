"""One sample of a shard: latents, features and what is known of them, as files of a tar and back.

A sample KEY is three members: KEY.json, KEY.latent.npy (channels, frames) float16, and where there is a video
KEY.features.npz with one float16 array (T, ...) by branch and the float64 `times` (T,).
"""

import io
import json
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HalfArray = NDArray[np.float16]

INFO, LATENT, FEATURES = "json", "latent.npy", "features.npz"
"""Suffixes of a sample's members."""
TIMES = "times"
CHECKSUMS = "crc32"
AUTOENCODER = "autoencoder"


class DamagedSample(ValueError):
    """A sample that cannot be used; the text says why."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A window of a clip, prepared.

    Attributes:
        key: Its name, unique in its set of shards, without a dot.
        latent: Mean of the autoencoder's posterior, shape (channels, frames).
        features: Video features by branch, each of shape (T, ...); empty without a video.
        times: When each row of the features is seen, seconds from the window's start, shape (T,).
        info: What else is known, ready for JSON.
    """

    key: str
    latent: HalfArray
    features: Mapping[str, HalfArray]
    times: NDArray[np.float64]
    info: Mapping[str, object]


def to_members(sample: Sample) -> dict[str, bytes]:
    """Turn a sample into files.

    Args:
        sample: The sample.

    Returns:
        Contents by suffix, the JSON first; it holds a CRC-32 of each of the others.

    Raises:
        ValueError: A number is not finite in half precision.
    """
    arrays = {"the latent": sample.latent, **sample.features}
    for name, values in arrays.items():
        if not np.isfinite(values).all():
            raise ValueError(f"{name} of {sample.key} is not finite in half precision")
    members = {LATENT: _npy(sample.latent)}
    if sample.features:
        members[FEATURES] = _npz({TIMES: sample.times, **sample.features})
    checksums = {suffix: zlib.crc32(data) for suffix, data in members.items()}
    info = json.dumps({**sample.info, CHECKSUMS: checksums}, allow_nan=False)
    return {INFO: info.encode(), **members}


@dataclass(frozen=True, eq=False)
class Prepared:
    """What training reads of a sample.

    Attributes:
        latent: Shape (channels, frames).
        features: The branches that were asked for, each of shape (T, ...).
        autoencoder: Fingerprint of what made the latent; empty where the sample does not say.
    """

    latent: HalfArray
    features: Mapping[str, HalfArray]
    autoencoder: str


def from_members(members: Mapping[str, bytes], branches: Collection[str]) -> Prepared:
    """Read a sample back.

    Args:
        members: Contents by suffix.
        branches: Features that are needed; without any, the file of features is not looked at.

    Returns:
        The arrays.

    Raises:
        DamagedSample: A member or branch is missing, damaged, or of another kind.
    """
    needed = (INFO, LATENT, FEATURES) if branches else (INFO, LATENT)
    missing = [suffix for suffix in needed if suffix not in members]
    if missing:
        raise DamagedSample(f"lacks {' and '.join(missing)}")
    info = _info(members[INFO])
    checksums = info.get(CHECKSUMS, {})
    for suffix in needed[1:]:
        if isinstance(checksums, dict) and checksums.get(suffix, -1) not in (-1, zlib.crc32(members[suffix])):
            raise DamagedSample(f"{suffix} is damaged: its checksum differs")
    latent = _load(members[LATENT], LATENT)
    if not isinstance(latent, np.ndarray) or latent.ndim != 2 or not np.isfinite(latent).all():
        raise DamagedSample(f"{LATENT} holds no finite array of two dimensions")
    features = _features(members[FEATURES], branches) if branches else {}
    return Prepared(latent.astype(np.float16, copy=False), features, str(info.get(AUTOENCODER, "")))


def _info(data: bytes) -> dict[str, object]:
    try:
        info = json.loads(data)
    except ValueError as error:
        raise DamagedSample("its JSON cannot be read") from error
    if not isinstance(info, dict):
        raise DamagedSample("its JSON is not an object")
    return info


def _features(data: bytes, branches: Collection[str]) -> dict[str, HalfArray]:
    archive = _load(data, FEATURES)
    if isinstance(archive, np.ndarray):
        raise DamagedSample(f"{FEATURES} is no archive")
    with archive:
        missing = sorted(set(branches) - set(archive.files))
        if missing:
            raise DamagedSample(f"{FEATURES} lacks the branch {', '.join(missing)}")
        try:
            features = {name: archive[name].astype(np.float16, copy=False) for name in branches}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise DamagedSample(f"{FEATURES} is damaged") from error
    if not all(np.isfinite(values).all() for values in features.values()):
        raise DamagedSample(f"{FEATURES} is not finite")
    return features


def _load(data: bytes, suffix: str) -> "NDArray[np.float16] | np.lib.npyio.NpzFile":
    try:
        loaded: NDArray[np.float16] | np.lib.npyio.NpzFile = np.load(io.BytesIO(data), allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DamagedSample(f"{suffix} is damaged") from error
    return loaded


def _npy(array: HalfArray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _npz(arrays: Mapping[str, NDArray[np.floating]]) -> bytes:
    """An uncompressed archive: it is read at every step, and half-precision features hardly shrink."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()
