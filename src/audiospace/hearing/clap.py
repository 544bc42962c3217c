"""CLAP: sounds and sentences in one space, run by `transformers`."""

from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor

from audiospace.errors import UserError
from audiospace.hearing.clap_weights import clap_folder, weights_file
from audiospace.hearing.embedder import Heard
from audiospace.hearing.mono import omnidirectional_mono
from audiospace.media import file_sha256
from audiospace.pretrained import quiet, require_transformers

_UNREADABLE = (OSError, ValueError, KeyError, AttributeError, RuntimeError, SafetensorError, UnpicklingError)


class Clap:
    """LAION's CLAP (Wu et al., ICASSP 2023): embeddings of length 1 of sounds and of English sentences.

    No published figure of AudioSpace is made with it, and the published CLAP scores of others are made with
    another checkpoint, run over whole sounds, so figures are not comparable.

    Args:
        folder: A CLAP model as `transformers` saves it, with its feature extractor, and for texts its
            tokenizer; by default the one that `clap_folder` finds.
        device: Where to compute.

    Raises:
        MissingExtraError: `transformers` is not installed.
        UserError: There is no model, or it is not a CLAP model.
    """

    title = "CLAP (HTSAT, LAION)"
    labels: tuple[str, ...] | None = None
    comparable = False

    def __init__(self, folder: Path | None = None, *, device: str = "cpu") -> None:
        self._transformers = require_transformers("listening with CLAP", "clap")
        self._folder = folder or clap_folder()
        weights = weights_file(self._folder)
        with quiet(self._transformers):
            self._extractor, self._network = _load(self._transformers, weights, device)
        self.dimensions: int = self._network.config.projection_dim
        self.sample_rate: int = self._extractor.sampling_rate
        self.id = f"clap-{file_sha256(weights)[:16]}"

    def hear(self, sound: NDArray[np.floating]) -> Heard:
        """Embed a sound.

        Args:
            sound: Shape (channels, n), at 48 kHz. W of AmbiX is heard, the mean of other channels.

        Returns:
            Embeddings of shape (windows, dimensions), windows of 10 s one after the other; no logits. A rest
            of less than 10 s is repeated until its window is full, as CLAP was trained, and is left out if
            it is less than 1 s and not all there is.

        Raises:
            ValueError: The array has another shape, or no samples.
        """
        windows = self._windows(omnidirectional_mono(sound))
        with torch.inference_mode():
            # One at a time: of several short sounds the fusing extractor marks one at random as long.
            embeddings = [self._embed(window) for window in windows]
        return Heard(embeddings=torch.cat(embeddings).cpu().numpy(), logits=None)

    def embed_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed sentences, to be compared with sounds by their cosine.

        Args:
            texts: English sentences.

        Returns:
            Shape (texts, dimensions).

        Raises:
            UserError: The folder has no tokenizer.
        """
        try:
            with quiet(self._transformers):
                tokenizer = self._transformers.AutoTokenizer.from_pretrained(
                    self._folder, local_files_only=True
                )
        except _UNREADABLE as error:
            raise UserError("has no tokenizer that can be read", file=self._folder) from error
        tokens = tokenizer(list(texts), padding=True, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            output = self._network.get_text_features(
                input_ids=tokens["input_ids"].to(self._network.device),
                attention_mask=tokens["attention_mask"].to(self._network.device),
            )
        embeddings: NDArray[np.float32] = _pooled(output).cpu().numpy()
        return embeddings

    def _windows(self, mono: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        length = int(self._extractor.nb_max_samples)
        windows = [mono[start : start + length] for start in range(0, len(mono), length)]
        if len(windows) > 1 and len(windows[-1]) < self.sample_rate:
            windows.pop()
        return windows

    def _embed(self, window: NDArray[np.float32]) -> Tensor:
        inputs = self._extractor(window, sampling_rate=self.sample_rate, return_tensors="pt")
        output = self._network.get_audio_features(
            input_features=inputs["input_features"].to(self._network.device),
            is_longer=inputs["is_longer"].to(self._network.device),
        )
        return _pooled(output)


def _pooled(output: Any) -> Tensor:  # noqa: ANN401
    """Before version 5 `transformers` gives the embeddings themselves."""
    embeddings: Tensor = output if isinstance(output, Tensor) else output.pooler_output
    return embeddings.float()


def _load(transformers: ModuleType, weights: Path, device: str) -> tuple[Any, Any]:
    folder = weights.parent
    try:
        extractor = transformers.ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)
        network, report = transformers.ClapModel.from_pretrained(
            folder,
            local_files_only=True,
            output_loading_info=True,
            use_safetensors=weights.suffix == ".safetensors",
            weights_only=True,
        )
    except _UNREADABLE as error:
        raise UserError("holds no CLAP model that can be read", file=folder) from error
    if report["missing_keys"] or report["mismatched_keys"]:
        raise UserError("holds no whole CLAP model", file=weights)
    return extractor, network.float().eval().requires_grad_(False).to(device)
