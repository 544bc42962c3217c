import torch

from audiospace.models.constants import cached_constant


def test_whoever_asks_first_the_constant_serves_training_and_inference():
    made = []

    @cached_constant
    def ones(size: int) -> torch.Tensor:
        made.append(size)
        return torch.ones(size)

    with torch.inference_mode(), torch.device("meta"):
        first = ones(3)
    assert first.device.type == "cpu"
    assert not first.is_inference()
    assert ones(3) is first
    assert ones(4).shape == (4,)
    assert made == [3, 4]
    weight = torch.ones(3, requires_grad=True)
    (weight * first).sum().backward()
    assert weight.grad.tolist() == [1, 1, 1]
