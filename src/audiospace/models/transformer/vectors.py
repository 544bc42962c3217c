"""Vectors that go through a transformer beside its tokens and turn as the world turns.

Each token carries some vectors (Deng et al., "Vector Neurons", 2021; Schütt et al., "PaiNN", 2021). They are
only ever mixed with each other, scaled by numbers that do not turn, and averaged by attention; the tokens see
nothing of them but inner products. So whatever the weights are, turning what goes in turns the vectors that
come out and nothing else. Order of components: y, z, x.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from audiospace.models.config import TransformerConfig
from audiospace.models.parametric_config import SPATIAL_DIMENSIONS
from audiospace.models.transformer.block import NORM_EPSILON, FeedForward
from audiospace.models.transformer.rotary import rotate_heads


class InnerProducts(nn.Module):
    """Numbers that do not turn: inner products of learned mixtures, compressed like a square root.

    Args:
        vectors: How many go in.
        products: How many numbers come out.
    """

    def __init__(self, vectors: int, products: int) -> None:
        super().__init__()
        self.left = nn.Linear(vectors, products, bias=False)
        self.right = nn.Linear(vectors, products, bias=False)

    def forward(self, vectors: Tensor) -> Tensor:
        """Map vectors (batch, length, 3, vectors) to (batch, length, products)."""
        inner = (self.left(vectors) * self.right(vectors)).sum(dim=2)
        compressed: Tensor = inner * torch.rsqrt(1 + inner.abs())
        return compressed


class VectorAttention(nn.Module):
    """Self-attention whose weights, found from the tokens, average tokens and vectors alike.

    Args:
        config: The transformer's sizes.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.to_qkv = nn.Linear(config.width, 3 * config.width, bias=False)
        self.to_out = nn.Linear(config.width, config.width, bias=False)
        self.vector_values = nn.Linear(config.vector_width, config.vector_width, bias=False)
        self.vector_out = nn.Linear(config.vector_width, config.vector_width, bias=False)
        nn.init.zeros_(self.to_out.weight)

    def forward(self, tokens: Tensor, vectors: Tensor, cosine: Tensor, sine: Tensor) -> tuple[Tensor, Tensor]:
        """Mix over time.

        Args:
            tokens: (batch, length, width).
            vectors: (batch, length, 3, vector width).
            cosine: Of the rotary angles (length, rotary width).
            sine: Of the rotary angles (length, rotary width).

        Returns:
            What to add to the tokens and to the vectors.
        """
        batch, length, width = tokens.shape
        qkv = self.to_qkv(tokens).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        queries, keys = rotate_heads(qkv[:2], cosine, sine).unbind(0)
        weights = (queries @ keys.transpose(2, 3) * (width // self.heads) ** -0.5).softmax(dim=-1)
        mixed = (weights @ qkv[2]).transpose(1, 2).reshape(batch, length, width)
        values = self.vector_values(vectors).view(batch, length, SPATIAL_DIMENSIONS, self.heads, -1)
        flat = values.permute(0, 3, 1, 2, 4).flatten(3)
        averaged = (weights @ flat).view(batch, self.heads, length, SPATIAL_DIMENSIONS, -1)
        averaged = averaged.permute(0, 2, 3, 1, 4).flatten(3)
        return self.to_out(mixed), self.vector_out(averaged)


class VectorBlock(nn.Module):
    """A transformer block with a stream of vectors beside the tokens.

    Args:
        config: The transformer's sizes, `vector_width` above zero.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width, vectors = config.width, config.vector_width
        self.attention_norm = nn.LayerNorm(width, eps=NORM_EPSILON, bias=False)
        self.attention = VectorAttention(config)
        self.products = InnerProducts(vectors, vectors)
        self.from_products = nn.Linear(vectors, width, bias=False)
        self.feed_forward_norm = nn.LayerNorm(width, eps=NORM_EPSILON, bias=False)
        self.feed_forward = FeedForward(width, config.ff_multiplier)
        self.gates = nn.Linear(width, vectors)
        self.mix = nn.Linear(vectors, vectors, bias=False)
        nn.init.zeros_(self.gates.bias)

    def forward(self, tokens: Tensor, vectors: Tensor, cosine: Tensor, sine: Tensor) -> tuple[Tensor, Tensor]:
        """Map tokens (batch, length, width) and vectors (batch, length, 3, n) to the same shapes."""
        to_tokens, to_vectors = self.attention(self.attention_norm(tokens), unit_power(vectors), cosine, sine)
        tokens, vectors = tokens + to_tokens, vectors + to_vectors
        even = unit_power(vectors)
        tokens = tokens + self.from_products(self.products(even))
        inner = self.feed_forward_norm(tokens)
        vectors = vectors + torch.tanh(self.gates(inner))[:, :, None] * self.mix(even)
        return tokens + self.feed_forward(inner), vectors


def unit_power(vectors: Tensor) -> Tensor:
    """Bring the vectors of each token (..., 3, n) to a mean square of at most 1, together."""
    power = vectors.square().mean(dim=(-2, -1), keepdim=True)
    return vectors * torch.rsqrt(power + 1.0)


def upwards(vectors: Tensor) -> Tensor:
    """A vector that points up, for each token of `vectors` (batch, length, 3, n): (batch, length, 3, 1)."""
    one = functional.one_hot(torch.tensor(1), SPATIAL_DIMENSIONS).to(vectors)
    return one[:, None].expand(*vectors.shape[:2], SPATIAL_DIMENSIONS, 1)
