"""What the processes' precision leaves as it is, and what it rounds."""

import torch
from torch import Tensor, nn

from audiospace.training.processes import Machines, launch


class Product(nn.Module):
    """A matrix product, and what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(64, 64)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"given": batch["x"], "product": self.layer(batch["x"])}


def test_bfloat16_is_for_products_and_not_for_what_a_network_is_given(monkeypatch) -> None:
    # as on a processor with instructions for it
    monkeypatch.setattr(
        "audiospace.training.processes.supported_precisions", lambda _: ("float32", "bfloat16")
    )
    fabric = launch(Machines(accelerator="cpu"), "bfloat16")
    network = Product()
    x = torch.randn(8, 64, generator=torch.Generator().manual_seed(0))
    found = fabric.setup_module(network)({"x": x})
    assert torch.equal(found["given"], x)
    exact = network.layer(x)
    assert 0 < (found["product"] - exact).abs().max() < 0.05


def test_float32_rounds_nothing() -> None:
    network = Product()
    x = torch.randn(8, 64, generator=torch.Generator().manual_seed(0))
    found = launch(Machines(accelerator="cpu"), "float32").setup_module(network)({"x": x})
    assert torch.allclose(found["product"], network.layer(x), atol=1e-6)
