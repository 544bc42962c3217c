"""PaSST in torch: K. Koutini et al., "Efficient Training of Audio Transformers with Patchout", 2022.

A vision transformer of the DeiT family (pre-norm blocks, a class and a distillation token) whose patches of
16 x 16 points overlap by 6 and carry a position in time and one in frequency. Parameters go by the names of
the public checkpoints. Patchout belongs to training and is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_PATCH, _STRIDE = 16, 10
_HEAD_WIDTH = 64
_EPSILON = 1e-6
_UNUSED = ("head_dist.weight", "head_dist.bias")


@dataclass(frozen=True)
class PasstSizes:
    """Sizes of a PaSST network; the defaults are those of PaSST-S.

    Attributes:
        width: Numbers per token, a multiple of 64, one head for each 64.
        depth: Number of blocks.
        labels: Number of labels.
        bands: Patches along frequency.
        times: Patches along time, at most.
    """

    width: int = 768
    depth: int = 12
    labels: int = 527
    bands: int = 12
    times: int = 99


@dataclass(frozen=True)
class PasstOutput:
    """What PaSST makes of spectrograms.

    Attributes:
        logits: Shape (n, labels).
        embeddings: Mean of the class and the distillation token, shape (n, width).
    """

    logits: Tensor
    embeddings: Tensor


class PasstNetwork(nn.Module):
    """The network.

    Args:
        sizes: Its sizes.
    """

    def __init__(self, sizes: PasstSizes) -> None:
        super().__init__()
        self.sizes = sizes
        width = sizes.width
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.dist_token = nn.Parameter(torch.zeros(1, 1, width))
        self.new_pos_embed = nn.Parameter(torch.zeros(1, 2, width))
        self.freq_new_pos_embed = nn.Parameter(torch.zeros(1, width, sizes.bands, 1))
        self.time_new_pos_embed = nn.Parameter(torch.zeros(1, width, 1, sizes.times))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(1, width, _PATCH, stride=_STRIDE)})
        self.blocks = nn.Sequential(*(_Block(width) for _ in range(sizes.depth)))
        self.norm = nn.LayerNorm(width, eps=_EPSILON)
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, sizes.labels))

    def forward(self, spectrograms: Tensor) -> PasstOutput:
        """Recognise.

        Args:
            spectrograms: Shape (n, 1, bands, times), at least 16 times; the network of the public checkpoint
                takes 128 bands and up to 1005 times.

        Returns:
            Logits and embeddings.
        """
        patches: Tensor = self.patch_embed["proj"](spectrograms)
        patches = patches + self.time_new_pos_embed[..., : patches.shape[-1]] + self.freq_new_pos_embed
        special = torch.cat([self.cls_token, self.dist_token], dim=1) + self.new_pos_embed
        tokens = torch.cat([special.expand(len(patches), -1, -1), patches.flatten(2).transpose(1, 2)], dim=1)
        embeddings = self.norm(self.blocks(tokens))[:, :2].mean(dim=1)
        return PasstOutput(logits=self.head(embeddings), embeddings=embeddings)


class _Attention(nn.Module):
    """Self-attention with the projections to queries, keys and values in one."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        parts: Tensor = self.qkv(tokens).unflatten(-1, (3, -1, _HEAD_WIDTH))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        heads = nn.functional.scaled_dot_product_attention(query, key, value)
        mixed: Tensor = self.proj(heads.transpose(1, 2).flatten(2))
        return mixed


class _Perceptron(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        output: Tensor = self.fc2(nn.functional.gelu(self.fc1(tokens)))
        return output


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=_EPSILON)
        self.attn = _Attention(width)
        self.norm2 = nn.LayerNorm(width, eps=_EPSILON)
        self.mlp = _Perceptron(width)

    def forward(self, tokens: Tensor) -> Tensor:
        attended: Tensor = tokens + self.attn(self.norm1(tokens))
        output: Tensor = attended + self.mlp(self.norm2(attended))
        return output


def network_of(parameters: Mapping[str, Tensor]) -> PasstNetwork:
    """Build a network with the parameters of a checkpoint, its sizes taken from them.

    Args:
        parameters: By the names of the public checkpoints. The head of the distillation token is for
            training and is left out.

    Returns:
        The network, ready to recognise.

    Raises:
        LookupError: A parameter that tells the sizes is missing or has too few dimensions.
        RuntimeError: The parameters are not those of such a network.
    """
    kept = {name: value for name, value in parameters.items() if name not in _UNUSED}
    labels, width = kept["head.1.weight"].shape
    sizes = PasstSizes(
        width=width,
        depth=len({name.split(".")[1] for name in kept if name.startswith("blocks.")}),
        labels=labels,
        bands=kept["freq_new_pos_embed"].shape[2],
        times=kept["time_new_pos_embed"].shape[3],
    )
    network = PasstNetwork(sizes)
    network.load_state_dict(kept)
    return network.eval().requires_grad_(False)
