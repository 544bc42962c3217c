import copy

import pytest
import torch
from torch import nn

from audiospace.errors import UserError
from audiospace.kernels import (
    PRECISIONS,
    HalfLinear,
    PackedLinear,
    QuantisedLinear,
    accelerate,
    choose_precision,
    supported_precisions,
)

CPU = torch.device("cpu")
HERE = supported_precisions(CPU)
ERROR = {"float32": 2e-6, "bfloat16": 1e-2, "float16": 2e-3, "int8": 2e-2}


def network(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    inner = nn.Sequential(nn.Linear(96, 130), nn.SiLU())
    return nn.Sequential(nn.Linear(64, 96, bias=False), nn.LayerNorm(96), inner, nn.Linear(130, 7)).eval()


def inputs() -> torch.Tensor:
    """Rows that differ a hundredfold in size, and one of zeros."""
    x = torch.randn(2, 9, 64, generator=torch.Generator().manual_seed(1))
    x *= torch.logspace(-1, 1, 9)[None, :, None]
    x[1, 4] = 0
    return x


def runnable(precision: str) -> bool:
    return precision in HERE or precision == "float16"


@torch.inference_mode()
@pytest.mark.parametrize("precision", [p for p in PRECISIONS if runnable(p)])
def test_every_linear_layer_is_exchanged_and_computes_the_same(precision):
    plain, x = network(), inputs()
    faster = copy.deepcopy(plain)
    accelerate(faster, precision)
    y, expected = faster(x).float(), plain(x)
    assert y.shape == expected.shape
    assert ((y - expected).norm() / expected.norm()).item() < ERROR[precision]
    kinds = {type(layer) for layer in faster.modules()}
    if precision != "float32" or "bfloat16" in HERE:
        assert nn.Linear not in kinds
    assert nn.LayerNorm in kinds


@torch.inference_mode()
def test_accelerating_twice_changes_nothing():
    once = network()
    accelerate(once, "float32")
    layers = [id(layer) for layer in once.modules()]
    accelerate(once, HERE[-1])
    if PackedLinear in {type(layer) for layer in once.modules()}:
        assert [id(layer) for layer in once.modules()] == layers


@pytest.mark.skipif("int8" not in HERE, reason="this processor has no instructions for int8")
class TestQuantised:
    @torch.inference_mode()
    def test_integers_within_the_scale_are_multiplied_exactly(self):
        layer = nn.Linear(48, 5)
        generator = torch.Generator().manual_seed(2)
        integers = torch.randint(-127, 128, (5, 48), generator=generator).float()
        integers[:, 0] = 127  # so that the scale of each output is exactly its factor
        layer.weight.copy_(integers * torch.tensor([1.0, 0.5, 0.25, 2.0, 4.0])[:, None])
        x = torch.randint(-127, 128, (3, 48), generator=generator).float()
        x[:, 1] = -127
        assert torch.allclose(QuantisedLinear(layer)(x), layer(x), rtol=1e-6, atol=1e-3)

    @torch.inference_mode()
    def test_rows_have_scales_of_their_own(self):
        layer, x = nn.Linear(64, 32, bias=False), inputs()[0]
        y, expected = QuantisedLinear(layer)(x), layer(x)
        errors = (y - expected).norm(dim=1) / expected.norm(dim=1)
        assert errors.max() < 2e-2

    @torch.inference_mode()
    def test_rounding_has_no_bias(self):
        layer = nn.Linear(256, 1, bias=False)
        layer.weight.fill_(1.0)
        x = torch.rand(512, 256, generator=torch.Generator().manual_seed(3)) * 2 - 1
        errors = (QuantisedLinear(layer)(x) - layer(x))[:, 0]
        assert abs(errors.mean()) < 4 * errors.std() / len(errors) ** 0.5

    @torch.inference_mode()
    def test_zeros_give_the_bias(self):
        layer = nn.Linear(8, 3)
        assert torch.allclose(QuantisedLinear(layer)(torch.zeros(2, 8)), layer.bias.expand(2, 3))


@torch.inference_mode()
def test_half_precision_is_that_of_the_layer_whatever_comes_in():
    layer = nn.Linear(8, 3)
    for dtype in (torch.bfloat16, torch.float16):
        assert HalfLinear(layer, dtype)(torch.ones(2, 8)).dtype == dtype


def test_float32_is_everywhere_and_auto_on_a_cpu():
    assert HERE[0] == "float32"
    assert choose_precision("auto", CPU) == "float32"
    assert choose_precision("fast", CPU) == HERE[-1]
    assert choose_precision("float32", CPU) == "float32"


def test_what_the_device_cannot_do_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: False)
    with pytest.raises(UserError, match="no instructions for int8"):
        choose_precision("int8", CPU)
    with pytest.raises(UserError, match="unknown precision 'int4'"):
        choose_precision("int4", CPU)
