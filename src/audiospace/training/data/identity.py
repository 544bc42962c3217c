"""What latents and features were made by, so that those of another autoencoder or encoder are refused."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields

from audiospace.models import Autoencoder, ModelConfig

DECODER = "decoder."


def autoencoder_fingerprint(vae: Autoencoder) -> str:
    """Name an autoencoder by what its latents depend on: its sizes and all weights but the decoder's.

    A decoder that is trained further against a frozen encoder keeps the name.

    Args:
        vae: The autoencoder as it was loaded, its weight norm not folded.

    Returns:
        Sixteen hexadecimal digits.
    """
    # Without those that have their default, sizes that later versions add leave the name as it is.
    sizes = {
        field.name: getattr(vae.config, field.name)
        for field in fields(vae.config)
        if getattr(vae.config, field.name) != field.default
    }
    digest = hashlib.sha256(json.dumps(sizes, sort_keys=True).encode())
    for name, value in sorted(vae.state_dict().items()):
        if not name.startswith(DECODER):
            digest.update(name.encode())
            digest.update(value.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def same_features(made: Mapping[str, object] | None, config: ModelConfig) -> bool:
    """Tell whether features are those that a model reads.

    Args:
        made: What `feature_identity` gave when they were made; None for none.
        config: Of the model.

    Returns:
        Whether all that was written down then is the same now.
    """
    read = feature_identity(config)
    return made is not None and all(read.get(key) == value for key, value in made.items())


def feature_identity(config: ModelConfig) -> Mapping[str, object]:
    """Say which features a model reads, as a tree that `json.dumps` takes.

    Args:
        config: Of the model.

    Returns:
        Encoder, steps per second and number of tiles.
    """
    return asdict(config.features)
