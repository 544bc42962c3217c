"""Turning a model that could be trained into one that only runs, and faster."""

from audiospace.kernels import Precision, accelerate
from audiospace.models.spatial_audio_model import SpatialAudioModel
from audiospace.models.transformer import VelocityNetwork
from audiospace.models.transformer.block import FeedForward, SelfAttention
from audiospace.models.transformer.vectors import VectorAttention
from audiospace.models.vae import Autoencoder
from audiospace.models.vae.convolution import fold_weight_norm
from audiospace.models.vae.decoder import Decoder
from audiospace.models.vae.tiled_decoder import TiledDecoder

_IN_ATTENTION: dict[Precision, Precision] = {"bfloat16": "float32"}
"""What attention computes in where it differs: 8 bits for queries and keys cost more than all the rest."""


def prepare_for_inference(model: SpatialAudioModel, precision: Precision = "float32") -> None:
    """Make a whole model run faster, in place; it can neither be trained nor saved afterwards.

    Args:
        model: On the device where it will run.
        precision: As for `prepare_transformer`.
    """
    prepare_autoencoder(model.vae)
    prepare_transformer(model.transformer, precision)
    accelerate(model.embedder, "float32")
    model.eval().requires_grad_(False)


def prepare_autoencoder(vae: Autoencoder) -> None:
    """Fold weight norm and decode in tiles, in place; all stays in float32.

    Args:
        vae: On the device where it will run.
    """
    fold_weight_norm(vae)
    if isinstance(vae.decoder, Decoder):
        vae.decoder = TiledDecoder(vae.decoder)


def prepare_transformer(transformer: VelocityNetwork, precision: Precision) -> None:
    """Lay weights out for the processor, and choose the precision of the blocks, in place.

    Only the blocks, where nearly all of the arithmetic is, leave float32: what enters and leaves them stays
    exact, and so does the sum that runs through them. In bfloat16 attention stays exact too.

    Args:
        transformer: On the device where it will run.
        precision: Of the matrix products in the blocks; "float32" changes nothing but the order of sums.
    """
    for part in transformer.modules():
        if isinstance(part, SelfAttention | VectorAttention):
            accelerate(part, _IN_ATTENTION.get(precision, precision))
        elif isinstance(part, FeedForward):
            accelerate(part, precision)
    accelerate(transformer, "float32")
