"""MetaCLIP ViT-H/14 as a frame encoder: the image half of a CLIP model, run by `transformers`."""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from audiospace.errors import UserError
from audiospace.kernels import Precision, accelerate
from audiospace.pretrained import quiet, require_transformers
from audiospace.vision.metaclip_weights import weights_file

# What CLIP's authors normalised pixels by, between 0 and 1, red, green and blue.
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
_BATCH, _CPU_BATCH = 64, 8
_UNREADABLE = (OSError, ValueError, AttributeError, RuntimeError, SafetensorError, UnpicklingError)


class MetaCLIP:
    """MetaCLIP's embedding of pictures, not normalised, as the published model reads it.

    The model is a CLIP ViT-H/14 (Xu et al., "Demystifying CLIP Data", 2024): 632 million parameters in the
    image half, which alone is loaded. Its class token passes a norm and a projection to 1024 numbers. The
    weights are under CC-BY-NC-4.0. A view costs 335 GFLOP.

    Args:
        folder: With the `config.json` and the weights of a CLIP model, as `transformers` saves it; such as
            `audiospace.vision.weights_folder` finds.
        device: Where to compute.
        precision: Of the matrix products.
        batch: Views at a time; by default 8 on a CPU and 64 elsewhere.

    Raises:
        MissingExtraError: `transformers` is not installed.
        UserError: The folder does not hold a CLIP model.
    """

    id = "metaclip-h14"

    def __init__(
        self,
        folder: str | Path,
        *,
        device: torch.device | str = "cpu",
        precision: Precision = "float32",
        batch: int | None = None,
    ) -> None:
        self.device = torch.device(device)
        self.batch = batch or (_CPU_BATCH if self.device.type == "cpu" else _BATCH)
        self.network: nn.Module = _load(Path(folder)).to(self.device)
        config: Any = self.network.config
        self.dimensions: int = config.projection_dim
        self.size: int = config.image_size
        accelerate(self.network, precision)

    def encode(self, views: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Embed views.

        Args:
            views: Pictures, shape (N, size, size, 3), RGB.

        Returns:
            Embeddings, shape (N, dimensions).

        Raises:
            ValueError: If the views have another shape or type.
        """
        if views.shape[1:] != (self.size, self.size, 3) or views.dtype != np.uint8:
            raise ValueError(f"views must be (N, {self.size}, {self.size}, 3) uint8, not {views.shape}")
        starts = range(0, len(views), self.batch)
        with torch.inference_mode():
            parts = [self._embed(views[start : start + self.batch]) for start in starts]
        empty = torch.empty(0, self.dimensions)
        embeddings: npt.NDArray[np.float32] = torch.cat([empty, *parts]).numpy()
        return embeddings

    def _embed(self, views: npt.NDArray[np.uint8]) -> Tensor:
        pixels = torch.from_numpy(views).to(self.device).permute(0, 3, 1, 2).float().div_(255.0)
        mean, deviation = (
            torch.tensor(row, device=self.device)[:, None, None] for row in (_MEAN, _DEVIATION)
        )
        output = self.network(pixel_values=pixels.sub_(mean).div_(deviation))
        embeddings: Tensor = output.image_embeds
        return embeddings.float().cpu()


def _load(folder: Path) -> nn.Module:
    """Load the image half, every weight of it, without the reports that `transformers` prints."""
    weights = weights_file(folder)
    transformers = require_transformers("looking at a video with MetaCLIP", "metaclip")
    with quiet(transformers):
        try:
            config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
            # A whole model's own projection size counts; its image half's entry may be a default.
            vision = getattr(config, "vision_config", config)
            vision.projection_dim = config.projection_dim
            network, report = transformers.CLIPVisionModelWithProjection.from_pretrained(
                folder,
                config=vision,
                attn_implementation="sdpa",
                local_files_only=True,
                output_loading_info=True,
                use_safetensors=weights.suffix == ".safetensors",
                weights_only=True,
            )
        except _UNREADABLE as error:
            raise UserError("holds no CLIP model that can be read", file=folder) from error
    if report["missing_keys"] or report["mismatched_keys"]:
        raise UserError("holds no whole image half of a CLIP model", file=weights)
    loaded: nn.Module = network.float().eval().requires_grad_(False)
    return loaded
