"""From a state dict to a model: every weight must be there, of the right shape and finite."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from audiospace.errors import UserError
from audiospace.models import ModelConfig, SpatialAudioModel, fold_weight_norm


class _ShapesOnly(TorchFunctionMode):
    """Draws no random numbers and takes no norms: on the meta device torch imports its compiler to do so.

    That takes seconds, of every command that loads a model.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        if func is torch.randn:
            return torch.empty(*args, **(kwargs or {}))
        if func is nn.init.normal_:
            return args[0] if args else (kwargs or {})["tensor"]
        if func is torch.norm_except_dim:
            weight, _power, kept = args
            return weight.new_empty([n if axis == kept else 1 for axis, n in enumerate(weight.shape)])
        return func(*args, **(kwargs or {}))


@contextmanager
def shapes_only() -> Iterator[None]:
    """Build modules whose weights have shapes but no memory, within this block."""
    with torch.device("meta"), _ShapesOnly():
        yield


def empty_model(config: ModelConfig, *, folded: bool = False) -> SpatialAudioModel:
    """Build a model whose weights have shapes but no memory yet.

    Args:
        config: Of the model.
        folded: Whether its autoencoder is without weight norm.

    Returns:
        A model on the meta device.
    """
    with shapes_only():
        model = SpatialAudioModel(config)
    if folded:
        fold_weight_norm(model)
    return model


def check_shapes(
    found: Mapping[str, tuple[int, ...]],
    model: SpatialAudioModel,
    path: Path,
    *,
    remedy: str,
    names: Mapping[str, str] | None = None,
) -> None:
    """Refuse a state dict that is not exactly that of a model.

    Args:
        found: Shapes by name.
        model: The model to fill.
        path: Of the file, for the message.
        remedy: What to do, for the message.
        names: What a weight is called in the file, where that differs.

    Raises:
        UserError: A weight is missing, unknown or of another shape.
    """
    expected = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    if found == expected:
        return
    missing, unknown = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    wrong = sorted(key for key in expected.keys() & found.keys() if expected[key] != found[key])
    if missing:
        what = f"{len(missing)} weights are missing, first {missing[0]}"
    elif unknown:
        what = f"{len(unknown)} weights are unknown, first {unknown[0]}"
    else:
        name = (names or {}).get(wrong[0], wrong[0])
        what = f"{name} has shape {found[wrong[0]]} where {expected[wrong[0]]} belongs"
    raise UserError(f"its weights do not fit its configuration: {what}", file=path, remedy=remedy)


def fill(model: SpatialAudioModel, state: Mapping[str, Tensor], path: Path, *, remedy: str) -> None:
    """Give an empty model its weights, without copying those that are float32 already.

    Args:
        model: From `empty_model`, in place.
        state: Weights of the right names and shapes, of any floating precision.
        path: Of the file, for the message.
        remedy: What to do, for the message.

    Raises:
        UserError: A weight is not finite.
    """
    full = {key: value.float() for key, value in state.items()}
    for key, value in full.items():
        if not bool(torch.isfinite(value).all()):
            raise UserError(f"the weight {key} is not finite", file=path, remedy=remedy)
    model.load_state_dict(full, strict=True, assign=True)
