"""Each mistake that is easily made with the published model must be seen by the parity vectors.

Every case breaks one thing and looks at the vector that shows it; a case that stays within the tolerance of
`test_published` would be a hole in those tests.
"""

from collections.abc import Callable

import pytest
import torch
from safetensors.torch import load_file
from test_published import EXACT, GOLDEN, SAMPLING, SPLINE, built, difference
from torch import Tensor, nn
from torch.nn import functional

from audiospace.models import Conditions, Guided, SpatialAudioModel, euler
from audiospace.models.flow import guidance
from audiospace.models.transformer import block, velocity
from audiospace.models.transformer.embedding import GlobalEmbedding, TimestepEmbedding
from audiospace.models.vae.snake import Snake

Break = Callable[[pytest.MonkeyPatch, SpatialAudioModel], object]
FEATURES = {"fov": "cond.video_fov_feats", "panorama": "cond.video_360_feats"}


@pytest.fixture
def model() -> SpatialAudioModel:
    return built(load_file(GOLDEN / "tiny_weights.safetensors"))


@pytest.fixture(scope="module")
def golden() -> dict[str, Tensor]:
    return load_file(GOLDEN / "tiny_vectors.safetensors")


def embedded(model: SpatialAudioModel, golden: dict[str, Tensor]) -> Conditions:
    return model.embed({branch: golden[key] for branch, key in FEATURES.items()})


def _resampled(mode: str) -> Callable[[Tensor, int], Tensor]:
    def stretch(sequence: Tensor, length: int) -> Tensor:
        corners = {"align_corners": True} if mode == "linear" else {}
        return functional.interpolate(sequence.mT, size=length, mode=mode, **corners).mT

    return stretch


def _pooled_first(self: GlobalEmbedding, condition: Tensor) -> Tensor:
    return self.network(condition.amax(dim=1))


def _mean_pooled(self: GlobalEmbedding, condition: Tensor) -> Tensor:
    return self.network(condition).mean(dim=1)


def _sines_first(self: TimestepEmbedding, t: Tensor) -> Tensor:
    angles = 2 * torch.pi * t[:, None] * self.frequencies
    return torch.cat((angles.sin(), angles.cos()), dim=-1)


def _interleaved(heads: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    width = cosine.shape[-1]
    turned, rest = heads[..., :width], heads[..., width:]
    even, odd = turned[..., ::2], turned[..., 1::2]
    cosine, sine = cosine[..., : width // 2], sine[..., : width // 2]
    pairs = torch.stack((even * cosine - odd * sine, odd * cosine + even * sine), dim=-1)
    return torch.cat((pairs.flatten(-2), rest), dim=-1)


def _half_a_head(length: int, width: int, device: torch.device) -> Tensor:  # noqa: ARG001
    return _true_angles(length, 18, device)


def _shifted(length: int, width: int, device: torch.device) -> Tensor:
    """The first sounding token at position 0, the prepended one at -1."""
    angles = _true_angles(length, width, device)
    return angles - angles[1]


_true_angles = velocity.rotary_angles


def _swapped_halves(self: block.FeedForward, tokens: Tensor) -> Tensor:
    gate, value = self.expand(tokens).chunk(2, dim=-1)
    return self.contract(value * functional.silu(gate))


def _gelu(self: block.FeedForward, tokens: Tensor) -> Tensor:
    value, gate = self.expand(tokens).chunk(2, dim=-1)
    return self.contract(value * functional.gelu(gate))


def _plain_snake(self: Snake, x: Tensor) -> Tensor:
    alpha, beta = self.alpha[None, :, None], self.beta[None, :, None]
    return x + (alpha * x).sin().square() / (beta + 1e-9)


def _one_parameter(self: Snake, x: Tensor) -> Tensor:
    alpha = self.alpha.exp()[None, :, None]
    return x + (alpha * x).sin().square() / alpha


def _without(name: str) -> Break:
    return lambda _, model: getattr(model.transformer, name).weight.zero_()


def _epsilon(_: pytest.MonkeyPatch, model: SpatialAudioModel) -> None:
    for layer in model.modules():
        if isinstance(layer, nn.LayerNorm):
            layer.eps = 1e-6


def _wrong_norm(_: pytest.MonkeyPatch, model: SpatialAudioModel) -> None:
    """The norm of transposed convolutions over the output channels."""
    for layer in model.vae.decoder.modules():
        if isinstance(layer, nn.ConvTranspose1d):
            parts = layer.parametrizations.weight
            norm, direction = parts.original0.data, parts.original1.data
            wrong = norm * direction / direction.norm(dim=(0, 2), keepdim=True)
            parts.original0.data = wrong.norm(dim=(1, 2), keepdim=True)
            parts.original1.data = wrong


VELOCITY: dict[str, Break] = {
    "linear instead of a spline": lambda m, _: m.setattr(velocity, "stretch", _resampled("linear")),
    "nearest instead of a spline": lambda m, _: m.setattr(velocity, "stretch", _resampled("nearest")),
    "mean instead of maximum": lambda m, _: m.setattr(GlobalEmbedding, "forward", _mean_pooled),
    "maximum before the network": lambda m, _: m.setattr(GlobalEmbedding, "forward", _pooled_first),
    "sines first": lambda m, _: m.setattr(TimestepEmbedding, "features", _sines_first),
    "interleaved rotary pairs": lambda m, _: m.setattr(block, "rotate_heads", _interleaved),
    "rotary on half a head": lambda m, _: m.setattr(velocity, "rotary_angles", _half_a_head),
    "halves of the gate swapped": lambda m, _: m.setattr(block.FeedForward, "forward", _swapped_halves),
    "GELU instead of SiLU": lambda m, _: m.setattr(block.FeedForward, "forward", _gelu),
    "no residual before": _without("preprocess"),
    "no residual after": _without("postprocess"),
}


@torch.no_grad()
@pytest.mark.parametrize("mistake", VELOCITY.values(), ids=VELOCITY)
def test_the_velocity_shows(monkeypatch, model, golden, mistake):
    mistake(monkeypatch, model)
    found = Guided(model.transformer, embedded(model, golden), 1)(golden["dit.x"], golden["dit.t"])
    assert difference(found, golden["dit.v_cfg1"]) > 100 * SPLINE


@torch.no_grad()
def test_positions_are_relative_so_that_only_their_distances_show(monkeypatch, model, golden):
    """Shifting all positions changes nothing: attention sees differences. The token's place does show."""
    monkeypatch.setattr(velocity, "rotary_angles", _shifted)
    found = Guided(model.transformer, embedded(model, golden), 1)(golden["dit.x"], golden["dit.t"])
    assert difference(found, golden["dit.v_cfg1"]) < 3 * SPLINE

    def beside(length: int, width: int, device: torch.device) -> Tensor:
        angles = _true_angles(length, width, device)
        return torch.cat((angles[:1], angles[:-1]))

    def appended(length: int, width: int, device: torch.device) -> Tensor:
        return _true_angles(length, width, device).roll(1, dims=0)

    for wrong in (beside, appended):
        monkeypatch.setattr(velocity, "rotary_angles", wrong)
        found = Guided(model.transformer, embedded(model, golden), 1)(golden["dit.x"], golden["dit.t"])
        assert difference(found, golden["dit.v_cfg1"]) > 100 * SPLINE


@torch.no_grad()
def test_guidance_shows_what_is_dropped(monkeypatch, model, golden):
    conditions = embedded(model, golden)
    x, t, expected = golden["dit.x"], golden["dit.t"], golden["dit.v_cfg3"]
    dropped = Guided(model.transformer, conditions, 3, drop_global=True)(x, t)
    assert difference(dropped, expected) > 100 * SPLINE
    silent = model.embed({branch: torch.zeros_like(golden[key]) for branch, key in FEATURES.items()})
    null = model.transformer.prepare(silent, x.shape[-1]).additive

    def with_null_features(_self, prepared, batch):
        token, additive = prepared.token.expand(batch, -1), prepared.additive.expand(batch, -1, -1)
        both = torch.cat((additive, null.expand(batch, -1, -1)))
        return guidance.PreparedConditions(torch.cat((token, token)), both)

    monkeypatch.setattr(Guided, "_with_null", with_null_features)
    assert difference(Guided(model.transformer, conditions, 3)(x, t), expected) > 100 * SPLINE


@torch.no_grad()
def test_small_latents_show_the_epsilon_of_the_norms(monkeypatch, model, golden):
    _epsilon(monkeypatch, model)
    conditions = Conditions(embedded(model, golden).global_)
    found = model.transformer(0.003 * golden["dit.x"], golden["dit.t"], conditions)
    assert difference(found, golden["dit.v_small_x"]) > 100 * EXACT


DECODER: dict[str, Break] = {
    "snake without exponentials": lambda m, _: m.setattr(Snake, "forward", _plain_snake),
    "snake with one parameter": lambda m, _: m.setattr(Snake, "forward", _one_parameter),
    "norm of transposed convolutions over the outputs": _wrong_norm,
}


@torch.no_grad()
@pytest.mark.parametrize("mistake", DECODER.values(), ids=DECODER)
def test_the_decoder_shows(monkeypatch, model, golden, mistake):
    mistake(monkeypatch, model)
    assert not difference(model.vae.decode(golden["vae.dec_latents"]), golden["vae.dec_audio"]) < 100 * EXACT


@torch.no_grad()
def test_the_decoder_shows_a_final_tanh(model, golden):
    bounded = model.vae.decode(golden["vae.dec_latents"]).tanh()
    assert difference(bounded, golden["vae.dec_audio"]) > 100 * EXACT


@torch.no_grad()
def test_sampling_shows_the_direction_of_time(model, golden):
    one = Conditions(
        *(part[:1] for part in (embedded(model, golden).global_, embedded(model, golden).additive))
    )
    guided = Guided(model.transformer, one, 3)
    latents = euler(lambda x, t: guided(x, 1 - t), golden["sample.noise"], 4)
    assert difference(latents, golden["sample.latents"]) > 100 * SAMPLING
