"""The judge in one file: safetensors weights, with settings and labels in the metadata."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from audiospace.errors import UserError
from audiospace.hearing.classifier import ClassifierShape, SoundClassifier
from audiospace.hearing.log_mel import FrontEnd
from audiospace.media import writing

FORMAT = "audiospace-judge-1"
_METADATA_KEY = "audiospace"
_REMEDY = "Get the file again, or train the judge anew"


@dataclass(frozen=True, eq=False)
class JudgeParts:
    """What a judge's file holds.

    Attributes:
        classifier: In evaluation mode, float32, batch normalisation folded into the convolutions.
        front_end: Settings of the pictures it was trained on.
        labels: What its logits stand for.
        digest: First twelve hexadecimal digits of the file's SHA-256.
        notes: What was written beside the weights.
    """

    classifier: SoundClassifier
    front_end: FrontEnd
    labels: tuple[str, ...]
    digest: str
    notes: Mapping[str, str]


def embedded_judge() -> Path:
    """The file that ships with the package."""
    return Path(str(resources.files("audiospace.hearing"))) / "sound-judge.safetensors"


def save_judge(
    classifier: SoundClassifier,
    path: Path,
    *,
    front_end: FrontEnd,
    labels: Sequence[str],
    notes: Mapping[str, str] | None = None,
) -> None:
    """Write a judge, weights in float16.

    Args:
        classifier: The trained network.
        path: Of the file to write; appears only when complete.
        front_end: Settings of the pictures it was trained on.
        labels: What its logits stand for, in order.
        notes: Anything to keep beside the weights.

    Raises:
        UserError: The file cannot be written, or a weight does not fit into float16.
    """
    # Counters of batches mean nothing once training is over.
    kept = {name: value for name, value in classifier.state_dict().items() if value.is_floating_point()}
    state = {name: value.detach().cpu().half().contiguous() for name, value in kept.items()}
    for name, value in state.items():
        if not bool(torch.isfinite(value).all()):
            raise UserError(f"the weight {name} does not fit into float16", file=path)
    header = {
        "format": FORMAT,
        "shape": asdict(classifier.shape),
        "front_end": asdict(front_end),
        "labels": list(labels),
        "notes": dict(notes or {}),
    }
    try:
        with writing(path) as temporary:
            save_file(state, temporary, {_METADATA_KEY: json.dumps(header)})
    except (OSError, SafetensorError) as error:
        raise UserError(f"cannot write the judge ({error})", file=path) from error


def read_judge(path: Path) -> JudgeParts:
    """Read a judge's file.

    Args:
        path: The file.

    Returns:
        The network, ready to run, and what belongs to it.

    Raises:
        UserError: The file is missing, damaged or of another kind.
    """
    try:
        content = path.read_bytes()
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(_METADATA_KEY, "{}"))
    except (OSError, SafetensorError, ValueError) as error:
        raise UserError(f"cannot read the judge ({error})", file=path, remedy=_REMEDY) from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise UserError("a safetensors file, but not a judge of sounds", file=path, remedy=_REMEDY)
    try:
        sizes = header["shape"]
        shape = ClassifierShape(**(sizes | {"widths": tuple(sizes["widths"])}))
        front_end, labels = FrontEnd(**header["front_end"]), tuple(header["labels"])
        classifier = SoundClassifier(shape)
        classifier.load_state_dict({name: value.float() for name, value in load(content).items()})
    except (KeyError, TypeError, RuntimeError) as error:
        raise UserError("its weights do not fit its settings", file=path, remedy=_REMEDY) from error
    digest = hashlib.sha256(content).hexdigest()[:12]
    return JudgeParts(_folded(classifier.eval()), front_end, labels, digest, header.get("notes", {}))


def _folded(classifier: SoundClassifier) -> SoundClassifier:
    """Fold batch normalisation into the convolutions before it, in place."""
    for module in classifier.modules():
        if isinstance(module, nn.Sequential) and len(module) == 2 and isinstance(module[1], nn.BatchNorm2d):
            convolution = module[0]
            if isinstance(convolution, nn.Conv2d):
                module[0], module[1] = fuse_conv_bn_eval(convolution, module[1]), nn.Identity()
    return classifier
