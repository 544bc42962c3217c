"""From a clip to the samples of its windows: the autoencoder hears it, the frame encoder looks at it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from audiospace.ambisonics import peak_of, rotate, rotation_matrix
from audiospace.errors import UserError
from audiospace.generation.look import look
from audiospace.media import MediaInfo, probe, require_360
from audiospace.models import ModelConfig, SpatialAudioModel
from audiospace.training.data.clip_sound import field_blocks
from audiospace.training.data.sample import AUTOENCODER, HalfArray, Sample
from audiospace.training.data.shard_index import LeftOut
from audiospace.training.data.shard_settings import ShardSettings
from audiospace.training.data.sources import SourceClip
from audiospace.training.data.windows import Cut, WindowPlan, cut
from audiospace.vision import CUBEMAP, Features

SILENT = 1e-5
"""Peak below which a window is left out."""
PROJECTIONS: Mapping[object, Literal["erp", "eac"]] = {"erp": "erp", "equirectangular": "erp", "eac": "eac"}
"""What a clip's JSON may call them."""


@dataclass(frozen=True)
class Orientation:
    """How a clip is turned before it is heard and seen.

    Attributes:
        number: 0 for the clip as it is.
        matrix: The rotation, shape (3, 3).
        yaw: The same about the vertical, radians; 0 where the clip has no video.
    """

    number: int
    matrix: NDArray[np.float64]
    yaw: float


@dataclass(frozen=True)
class Preparer:
    """Makes samples of clips.

    Attributes:
        model: The model, in evaluation mode.
        name: Of the model.
        autoencoder: Fingerprint of its autoencoder.
        settings: What was chosen.
    """

    model: SpatialAudioModel
    name: str
    autoencoder: str
    settings: ShardSettings

    @property
    def cubemap(self) -> bool:
        """Whether the whole frame is looked at as a cubemap too."""
        return self.settings.cubemap or CUBEMAP in self.model.config.branches

    def samples(self, clip: SourceClip, left_out: list[LeftOut]) -> Iterator[Sample]:
        """Prepare a clip.

        Args:
            clip: The clip.
            left_out: Windows that are of no use are added here.

        Yields:
            The samples of its windows, in every orientation.

        Raises:
            UserError: A file of the clip cannot be used, or there is nothing in it long enough.
        """
        known = _read_info(clip.info)
        video = probe(clip.video) if self.settings.video and clip.video is not None else None
        plan = window_plan(self.model.config, "pad" if video is not None else self.settings.short)
        rate = self.model.config.vae.sample_rate
        turns = _orientations(clip, self.settings, about_the_vertical=video is not None)
        seen = [None if video is None else self._look(video, known, turn.yaw) for turn in turns]
        found = False
        for window in cut(field_blocks(clip.sound, rate, video), plan):
            found = True
            peak = peak_of([window.field])
            if not np.isfinite(peak) or peak < SILENT:
                left_out.append(LeftOut(clip.id, f"silent or not finite from {window.start / rate:.1f} s"))
                continue
            for turn, features in zip(turns, seen, strict=True):
                yield self._sample(clip, window, turn, features, known)
        if not found:
            raise UserError("its sound is too short", file=clip.sound)

    def _look(self, video: MediaInfo, known: Mapping[str, object], yaw: float) -> Features:
        chosen = self.settings.projection
        if chosen == "auto":
            chosen = PROJECTIONS.get(known.get("projection"), "auto")
        return look(
            video,
            require_360(video, chosen),
            self.model.config.features,
            yaw=yaw,
            cubemap=self.cubemap,
            device=self.model.latent_mean.device,
            advance=lambda _done, _total: None,
        )

    def _sample(
        self,
        clip: SourceClip,
        window: Cut,
        turn: Orientation,
        features: Features | None,
        known: Mapping[str, object],
    ) -> Sample:
        config = self.model.config
        start = window.start / config.vae.sample_rate
        times, rows = (np.zeros(0), {}) if features is None else rows_of(features, start, config)
        info: dict[str, object] = {
            AUTOENCODER: self.autoencoder,
            "model": self.name,
            "clip": clip.id,
            "start": start,
            "seconds": window.field.shape[1] / config.vae.sample_rate,
            "rotation": turn.matrix.tolist(),
            "known": dict(known),
        }
        if features is not None:
            info["encoder"] = features.encoder
        key = f"{clip.id}-{round(1000 * start):07d}-{turn.number}"
        return Sample(key, self._encode(window.field, turn), rows, times, info)

    def _encode(self, field: NDArray[np.float32], turn: Orientation) -> HalfArray:
        turned = rotate(field, turn.matrix).astype(np.float32) if turn.number else field
        with torch.no_grad():
            sound = torch.from_numpy(np.ascontiguousarray(turned))[None].to(self.model.latent_mean.device)
            mean = self.model.vae.encode(sound).mean[0]
        latent: HalfArray = mean.float().cpu().numpy().astype(np.float16)
        return latent


def window_plan(config: ModelConfig, short: Literal["pad", "repeat", "skip"]) -> WindowPlan:
    """Say how sounds are cut for a model: in windows of its length, each beginning with a row of features.

    Args:
        config: Of the model.
        short: As for `WindowPlan`.

    Returns:
        The plan.
    """
    samples = config.window_frames * config.vae.hop
    rate = Fraction(config.features.frames_per_second).limit_denominator(1000)
    grid = (config.vae.sample_rate / rate).numerator
    return WindowPlan(samples, -(-samples // grid) * grid, grid, short)


def rows_of(
    features: Features, start: float, config: ModelConfig
) -> tuple[NDArray[np.float64], dict[str, HalfArray]]:
    """The features of a window: as many rows for each, the nearest in time.

    Args:
        features: Of the whole video.
        start: When the window begins, seconds.
        config: Of the model.

    Returns:
        When each row is seen, seconds from the beginning of the window, and the rows by branch, in half
        precision.
    """
    rate = config.features.frames_per_second
    wanted = start + np.arange(max(1, round(config.window_seconds * rate))) / rate
    nearest = np.abs(features.times[None] - wanted[:, None]).argmin(axis=1)
    rows = {name: values[nearest].astype(np.float16) for name, values in features.branches.items()}
    return features.times[nearest] - start, rows


def _orientations(
    clip: SourceClip, settings: ShardSettings, *, about_the_vertical: bool
) -> Sequence[Orientation]:
    """The clip as it is, and turned at random: by its name, whatever else there is."""
    digest = hashlib.sha256(clip.id.encode()).digest()
    rng = np.random.default_rng((settings.seed, int.from_bytes(digest[:8], "big")))
    turns = [Orientation(0, np.eye(3), 0.0)]
    for number in range(1, settings.rotations):
        if about_the_vertical:
            yaw = float(rng.uniform(-np.pi, np.pi))
            turns.append(Orientation(number, rotation_matrix(yaw), yaw))
        else:
            turns.append(Orientation(number, Rotation.random(None, rng).as_matrix(), 0.0))
    return turns


def _read_info(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    try:
        info = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError("is not a JSON file that can be read", file=file) from error
    if not isinstance(info, dict):
        raise UserError("must hold a JSON object", file=file)
    return info
