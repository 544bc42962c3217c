"""One layer of the transformer: self-attention and a gated feed-forward network, both pre-norm."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from audiospace.models.config import TransformerConfig
from audiospace.models.transformer.rotary import rotate_heads

NORM_EPSILON = 1e-5


class SelfAttention(nn.Module):
    """Attention of every token to every token, with partial rotary positions.

    Args:
        width: Channels of a token.
        heads: Number of heads.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_qkv = nn.Linear(width, 3 * width, bias=False)
        self.to_out = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.to_out.weight)

    def forward(self, tokens: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """Mix tokens.

        Args:
            tokens: (batch, length, width).
            cosine: Of the rotary angles (length, rotary width).
            sine: Of the rotary angles (length, rotary width).

        Returns:
            (batch, length, width).
        """
        batch, length, width = tokens.shape
        qkv = (
            self.to_qkv(tokens).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        )
        queries, keys = rotate_heads(qkv[:2], cosine, sine).unbind(0)
        mixed = functional.scaled_dot_product_attention(queries, keys, qkv[2])
        out: Tensor = self.to_out(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


class FeedForward(nn.Module):
    """SwiGLU (Shazeer 2020): the first half of the inner layer times SiLU of the second.

    Args:
        width: Channels of a token.
        multiplier: Inner width in units of `width`.
    """

    def __init__(self, width: int, multiplier: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, 2 * multiplier * width)
        self.contract = nn.Linear(multiplier * width, width)
        nn.init.zeros_(self.contract.weight)
        nn.init.zeros_(self.contract.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map tokens (batch, length, width) to the same shape."""
        value, gate = self.expand(tokens).chunk(2, dim=-1)
        if torch.is_grad_enabled():
            gated = value * functional.silu(gate)
        else:  # in place: fresh memory for tensors of this size costs more than the arithmetic
            gated = value.mul_(functional.silu(gate, inplace=True))
        out: Tensor = self.contract(gated)
        return out


class TransformerBlock(nn.Module):
    """Self-attention and feed-forward network; starts as the identity, since both end in zeros.

    Args:
        config: The transformer's sizes.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width, eps=NORM_EPSILON, bias=False)
        self.attention = SelfAttention(config.width, config.heads)
        self.feed_forward_norm = nn.LayerNorm(config.width, eps=NORM_EPSILON, bias=False)
        self.feed_forward = FeedForward(config.width, config.ff_multiplier)

    def forward(self, tokens: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """Map tokens (batch, length, width) to the same shape; angles as `SelfAttention` takes them."""
        tokens = tokens + self.attention(self.attention_norm(tokens), cosine, sine)
        out: Tensor = tokens + self.feed_forward(self.feed_forward_norm(tokens))
        return out
