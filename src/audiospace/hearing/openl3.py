"""OpenL3 as the published Frechet distances use it."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.hearing.embedder import Heard
from audiospace.hearing.keras_file import read_keras_layers
from audiospace.hearing.mono import published_mono
from audiospace.hearing.openl3_frontend import log_mel, to_model_rate, windows_of
from audiospace.hearing.openl3_network import OpenL3Network, network_of
from audiospace.hearing.weights import PublishedWeights, find_weights
from audiospace.media import file_sha256

OPENL3 = PublishedWeights(
    title="OpenL3 (env, mel256)",
    name="openl3",
    variable="AUDIOSPACE_OPENL3",
    files=(
        "openl3_audio_mel256_env-v0_4_0.h5.gz",
        "openl3_audio_mel256_env-v0_4_0.h5",
        "openl3_audio_mel256_env.h5",
    ),
    address="https://github.com/marl/openl3/raw/models/openl3_audio_mel256_env-v0_4_0.h5.gz",
    licence="MIT",
)
"""The weights that the package openl3 0.4 uses for environmental sounds, 17 MB compressed."""

_TRAINED_LAYERS = {"kernel", "gamma"}
_BATCH = 4


class OpenL3:
    """OpenL3's embedding of environmental sounds, windows of 1 s every 0.5 s, as published.

    The published script mixes the channels of a sound to one, embeds that, and puts the 512 numbers beside
    themselves as if they were those of the left and the right channel of a stereo sound. That doubles every
    Frechet distance, exactly. With `published` this is done too, so that a distance can be set beside the
    published ones; without it, a distance is half as large and is computed eight times as fast.

    Args:
        path: The weights; by default those that `find_weights` finds.
        published: Whether to give each embedding twice, as 1024 numbers.
        device: Where to compute.

    Raises:
        MissingExtraError: h5py is not installed.
        UserError: There are no weights, or they are those of something else.
    """

    sample_rate = 44100
    labels: tuple[str, ...] | None = None

    def __init__(self, path: Path | None = None, *, published: bool = True, device: str = "cpu") -> None:
        file = path or find_weights(OPENL3)
        self._network = _load(file).to(device)
        self._device = device
        self._copies = 2 if published else 1
        self.dimensions = self._network.dimensions * self._copies
        self.comparable = published
        self.id = f"openl3-{file_sha256(file)[:16]}-{self.dimensions}"
        self.title = "OpenL3 (env, mel256)" if published else "OpenL3 (env, mel256), not doubled"

    def hear(self, sound: NDArray[np.floating]) -> Heard:
        """Embed a sound.

        Args:
            sound: Shape (channels, n), at 44.1 kHz: the published script drops what is above 22 kHz. The mean
                of the channels is heard, which of AmbiX is not W; see `published_mono`.

        Returns:
            Embeddings of shape (windows, 1024), or (windows, 512) if not as published; no logits. Ten seconds
            give 20 windows.

        Raises:
            ValueError: The array has another shape, or no samples.
        """
        mono = to_model_rate(published_mono(sound), self.sample_rate)
        windows = windows_of(mono)
        with torch.inference_mode():
            parts = [
                self._network(log_mel(torch.tensor(windows[start : start + _BATCH], device=self._device)))
                for start in range(0, len(windows), _BATCH)
            ]
        embeddings = torch.cat(parts).repeat(1, self._copies)
        return Heard(embeddings=embeddings.cpu().numpy(), logits=None)


def _load(path: Path) -> OpenL3Network:
    layers = read_keras_layers(path, extra="openl3")
    try:
        # Older files hold the spectrogram's fixed kernels too, as a layer of its own.
        return network_of([layer for layer in layers if _TRAINED_LAYERS & layer.keys()])
    except ValueError as error:
        raise UserError(
            f"does not hold OpenL3's audio network ({error})", file=path, remedy=f"Download {OPENL3.address}"
        ) from error
