import itertools

import pytest
import torch

from audiospace.generation.windows import decode_in_chunks, encode_in_chunks, plan_windows, windowed_velocity
from audiospace.models import (
    AudioVAE,
    Conditions,
    Guided,
    TransformerConfig,
    VAEConfig,
    VelocityTransformer,
    decoder_context,
    euler,
)


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("frames", "window", "overlap"),
    [(230, 215, 0.25), (1000, 215, 0.25), (57, 10, 0.5), (31, 10, 0), (9, 2, 0.9)],
)
def test_windows_cover_everything_and_their_shares_add_up(frames, window, overlap):
    plan = plan_windows(frames, window, overlap)
    total = torch.zeros(frames)
    for part in plan:
        assert part.stop - part.start == window
        assert part.weight.min() > 0
        total[part.start : part.stop] += part.weight
    assert torch.allclose(total, torch.ones(frames))
    assert (plan[0].start, plan[-1].stop) == (0, frames)
    gaps = [later.start - part.start for part, later in itertools.pairwise(plan)]
    assert max(gaps) <= max(1, window * (1 - overlap) + 1)


@pytest.mark.parametrize("frames", [1, 215, 216, 225])
def test_what_fits_or_nearly_fits_is_one_window(frames):
    (only,) = plan_windows(frames, 215)
    assert (only.start, only.stop) == (0, frames)
    assert torch.equal(only.weight, torch.ones(frames))


def test_fades_are_smooth_and_the_middle_belongs_to_one_window():
    first, *_ = plan_windows(1000, 200)
    assert torch.equal(first.weight[:120], torch.ones(120))
    assert (first.weight.diff() <= 1e-6).all()
    assert first.weight.diff().abs().max() < 0.06
    assert first.weight[-1] < 0.01


@pytest.mark.parametrize(
    ("frames", "window", "overlap"), [(0, 10, 0.2), (10, 0, 0.2), (10, 5, 1), (10, 5, -0.1)]
)
def test_impossible_plans_are_refused(frames, window, overlap):
    with pytest.raises(ValueError, match="cannot plan"):
        plan_windows(frames, window, overlap)


@pytest.fixture(scope="module")
def network() -> VelocityTransformer:
    torch.manual_seed(0)
    network = VelocityTransformer(TransformerConfig(5, 64, 1, 2, 12))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    return network.eval().requires_grad_(False)


def options(frames: int) -> dict:
    return {"frames": frames, "window": 20, "scale": 3.0, "condition_rate": 0.4}


def test_one_window_is_plain_guidance_with_all_conditions(network):
    x, t = draw(1, 5, 18), torch.tensor([0.7])
    conditions = Conditions(draw(1, 8, 12, seed=1), draw(1, 8, 64, seed=2))
    velocity = windowed_velocity(network, conditions, **options(18))
    assert torch.equal(velocity(x, t), Guided(network, conditions, 3.0)(x, t))


def test_each_window_sees_its_own_time(network):
    x, t = draw(1, 5, 50), torch.tensor([0.7])
    conditions = Conditions(draw(1, 20, 12, seed=1), draw(1, 20, 64, seed=2))
    velocity = windowed_velocity(network, conditions, **options(50))(x, t)
    plan = plan_windows(50, 20)
    assert [part.start for part in plan] == [0, 15, 30]
    expected = Guided(network, conditions.window(0, 8), 3.0)(x[..., :20], t)
    assert torch.allclose(velocity[..., :15], expected[..., :15], atol=1e-5)
    expected = Guided(network, conditions.window(12, 20), 3.0)(x[..., 30:], t)
    assert torch.allclose(velocity[..., 35:], expected[..., 5:], atol=1e-5)

    changed = conditions.additive.clone()
    changed[:, 12:] = 0
    other = windowed_velocity(network, Conditions(conditions.global_, changed), **options(50))(x, t)
    assert torch.equal(other[..., :15], velocity[..., :15])
    assert not torch.allclose(other[..., 35:], velocity[..., 35:], atol=1e-2)


def test_conditions_shorter_than_the_latents_still_fill_the_last_window(network):
    conditions = Conditions(draw(1, 19, 12, seed=1), draw(1, 19, 64, seed=2))
    latents = euler(windowed_velocity(network, conditions, **options(50)), draw(1, 5, 50), 2)
    assert latents.isfinite().all()


def test_windows_without_conditions(network):
    velocity = windowed_velocity(network, Conditions(), **options(50))
    assert velocity(draw(1, 5, 50), torch.tensor([0.5])).shape == (1, 5, 50)


@pytest.fixture(scope="module", params=[0, 3], ids=["plain", "stems"])
def vae(request) -> AudioVAE:
    torch.manual_seed(0)
    vae = AudioVAE(VAEConfig(44100, 4, 4, (1, 2, 3), (2, 3, 8), 6, patch_size=2, stems=request.param))
    with torch.no_grad():
        for parameter in vae.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    return vae.eval().requires_grad_(False)


@pytest.mark.parametrize("chunk", [1, 7, 16, 100])
def test_decoding_in_chunks_is_decoding(vae, chunk):
    latents, seen = draw(2, 6, 61), []
    whole = vae.decode(latents)
    chunked = decode_in_chunks(vae, latents, chunk, lambda done, frames: seen.append((done, frames)))
    assert (chunked - whole).abs().max() <= 1e-5 * whole.abs().max()
    assert seen[-1] == (61, 61)


def test_one_frame_less_of_context_is_heard(vae, monkeypatch):
    latents = draw(1, 6, 61)
    context = decoder_context(vae.config)
    monkeypatch.setattr("audiospace.generation.windows.decoder_context", lambda _: context - 3)
    assert (decode_in_chunks(vae, latents, 7) - vae.decode(latents)).abs().max() > 1e-5


@pytest.mark.parametrize("samples", [96 * 61, 96 * 61 + 95, 96 * 61 + 50, 96])
@pytest.mark.parametrize("chunk", [5, 16])
def test_encoding_in_chunks_is_encoding(vae, chunk, samples):
    sound = draw(2, 4, samples)
    whole, chunked = vae.encode(sound), encode_in_chunks(vae, sound, chunk)
    assert chunked.mean.shape == whole.mean.shape
    assert (chunked.mean - whole.mean).abs().max() <= 1e-5 * whole.mean.abs().max()
    assert (chunked.stdev - whole.stdev).abs().max() <= 1e-5 * whole.stdev.abs().max()


def test_less_than_a_frame_cannot_be_encoded_and_chunks_are_not_empty(vae):
    with pytest.raises(ValueError, match="sound must be"):
        encode_in_chunks(vae, draw(1, 4, 90))
    with pytest.raises(ValueError, match="at least one frame"):
        decode_in_chunks(vae, draw(1, 6, 9), 0)
