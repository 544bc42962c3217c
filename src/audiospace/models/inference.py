"""Turning a model that could be trained into one that only runs, and faster."""

from audiospace.kernels import Precision, accelerate
from audiospace.models.spatial_audio_model import SpatialAudioModel
from audiospace.models.transformer.block import FeedForward, SelfAttention
from audiospace.models.vae.convolution import fold_weight_norm
from audiospace.models.vae.decoder import Decoder
from audiospace.models.vae.tiled_decoder import TiledDecoder

_IN_ATTENTION: dict[Precision, Precision] = {"bfloat16": "float32"}
"""What attention computes in where it differs: 8 bits for queries and keys cost more than all the rest."""


def prepare_for_inference(model: SpatialAudioModel, precision: Precision = "float32") -> None:
    """Fold weight norm, lay weights out for the processor and choose the precision of the blocks, in place.

    Only the transformer's blocks, where nearly all of the arithmetic is, leave float32: what enters and
    leaves them, the conditioners and the autoencoder stay exact, and so does the sum that runs through the
    blocks. In bfloat16 attention stays exact too. Afterwards the model can neither be trained nor saved.

    Args:
        model: On the device where it will run; used for inference only from here on.
        precision: Of the matrix products in the blocks; "float32" changes nothing but the order of sums.
    """
    fold_weight_norm(model.vae)
    if isinstance(model.vae.decoder, Decoder):
        model.vae.decoder = TiledDecoder(model.vae.decoder)
    for part in model.transformer.modules():
        if isinstance(part, SelfAttention):
            accelerate(part, _IN_ATTENTION.get(precision, precision))
        elif isinstance(part, FeedForward):
            accelerate(part, precision)
    accelerate(model.transformer, "float32")
    accelerate(model.embedder, "float32")
    model.eval().requires_grad_(False)
