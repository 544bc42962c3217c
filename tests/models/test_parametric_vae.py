"""The parametric autoencoder: what is measured, what is panned, and what turns."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from audiospace.ambisonics import angular_distance, encode, intensity, rotate
from audiospace.models import ParametricVAE, ParametricVAEConfig, decoder_context, encoder_context
from audiospace.models.vae.directions import measure_directions, pan
from audiospace.models.vae.short_time import overlap_add, short_time_spectra

CONFIG = ParametricVAEConfig(
    sample_rate=16000, content_dim=12, direction_bands=4, spectral_bands=24, hop=512, fft_hop=128,
    fine_width=16, coarse_width=24, depth=1,
)  # fmt: skip


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def shaken(seed: int = 0) -> ParametricVAE:
    """An autoencoder none of whose weights is zero."""
    torch.manual_seed(seed)
    vae = ParametricVAE(CONFIG)
    for weight in vae.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    return vae.eval()


def test_spectra_invert_exactly() -> None:
    sound = noise(2, 3, 128 * 20)
    again = overlap_add(short_time_spectra(sound, 128), 128)
    inner = slice(64, -64)
    assert torch.allclose(again[..., inner], sound[..., inner], atol=1e-5)


def test_spectra_keep_the_deviation_of_white_noise() -> None:
    spectra = short_time_spectra(noise(1, 128 * 500), 128)
    assert float(spectra.abs().square().mean()) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(("azimuth", "elevation"), [(0.7, 0.3), (-2.5, -0.9), (0.0, 1.2)])
def test_plane_wave_is_measured_as_its_direction_and_panned_back(azimuth: float, elevation: float) -> None:
    sound = encode(noise(512 * 30).numpy(), azimuth, elevation).astype(np.float32)
    spectra = short_time_spectra(torch.from_numpy(sound)[None], CONFIG.fft_hop)
    vectors = measure_directions(spectra, CONFIG)
    expected = encode(np.ones(1), azimuth, elevation)[1:, 0]
    assert np.allclose(vectors[0, :, 10].reshape(-1, 3), expected, atol=1e-3)
    again = overlap_add(pan(spectra[:, 0], vectors, CONFIG), CONFIG.fft_hop)[0].numpy()
    assert np.allclose(again[:, 1024:-1024], sound[:, 1024:-1024], atol=5e-3)


def test_diffuse_field_stays_diffuse() -> None:
    field = noise(1, 4, 512 * 400)
    field[:, 1:] /= 3**0.5
    spectra = short_time_spectra(field, CONFIG.fft_hop)
    vectors = measure_directions(spectra, CONFIG)
    again = overlap_add(pan(spectra[:, 0], vectors, CONFIG), CONFIG.fft_hop)[0]
    covariance = torch.cov(again) / again[0].var()
    assert torch.allclose(covariance, torch.diag(torch.tensor([1.0, 1 / 3, 1 / 3, 1 / 3])), atol=0.1)


def test_turning_the_field_turns_the_vectors_and_keeps_the_content() -> None:
    vae = shaken()
    turn = Rotation.from_euler("zyx", [1.0, 0.4, -0.7]).as_matrix()
    field = noise(4, 512 * 20).numpy()
    field[1:] = 0.5 * field[1:] + 0.5 * field[0]
    straight = vae.encode(torch.from_numpy(field)[None]).mean[0].detach().numpy()
    turned = (
        vae.encode(torch.from_numpy(rotate(field, turn).astype(np.float32))[None]).mean[0].detach().numpy()
    )
    assert np.allclose(straight[:12], turned[:12], atol=1e-5)
    as_xyz = [2, 0, 1]
    before = straight[12:].reshape(4, 3, -1)[:, as_xyz]
    after = turned[12:].reshape(4, 3, -1)[:, as_xyz]
    assert np.allclose(np.einsum("ij,kjt->kit", turn, before), after, atol=1e-5)
    assert not np.allclose(before, after, atol=0.05)


def test_decoded_direction_is_the_latent_direction() -> None:
    vae = shaken()
    latents = torch.zeros(1, CONFIG.latent_dim, 20)
    latents[:, :12] = noise(1, 12, 20)
    latents[:, 12:] = torch.from_numpy(encode(np.ones(1), 2.0, 0.5)[1:].astype(np.float32)).repeat(4, 1)
    with torch.no_grad():
        sound = vae.decode(latents)[0].numpy()
    expected = encode(np.ones(1), 2.0, 0.5)[[3, 1, 2], 0]
    assert float(angular_distance(intensity(sound), expected)) < np.radians(0.5)


def test_chunks_with_their_context_decode_and_encode_as_the_whole() -> None:
    vae = shaken()
    context, hop = decoder_context(CONFIG), CONFIG.hop
    latents = noise(1, CONFIG.latent_dim, 40)
    with torch.no_grad():
        whole = vae.decode(latents)
        first = 15 - context
        part = vae.decode(latents[..., first : 25 + context], first)
        assert torch.allclose(
            whole[..., 15 * hop : 25 * hop], part[..., context * hop : (context + 10) * hop], atol=1e-5
        )
        less = vae.decode(latents[..., 14:26], 14)
        assert not torch.allclose(whole[..., 15 * hop : 25 * hop], less[..., hop : 11 * hop], atol=1e-5)
        reach = encoder_context(CONFIG)
        encoded = vae.encode(whole).mean
        piece = vae.encode(whole[..., (15 - reach) * hop : (25 + reach) * hop]).mean
    assert torch.allclose(encoded[..., 15:25], piece[..., reach : reach + 10], atol=1e-4)


def test_linear_code_reconstructs_levels_that_it_was_fitted_to() -> None:
    rng = np.random.default_rng(0)
    gains = np.repeat(10 ** rng.uniform(-2, 0, (6, 40)), 512, axis=1)
    field = np.zeros((6, 4, 512 * 40), np.float32)
    field[:, 0] = rng.standard_normal((6, 512 * 40)) * gains
    sound = torch.from_numpy(field)
    torch.manual_seed(0)
    vae = ParametricVAE(CONFIG)

    def level_error() -> float:
        with torch.no_grad():
            again = vae.decode(vae.encode(sound).mean)
        levels = [
            torch.log(part[:, 0].unfold(-1, 512, 512).square().mean(-1) + 1e-9) for part in (again, sound)
        ]
        return float((levels[0] - levels[1]).abs().mean())

    before = level_error()
    vae.fit_linear_code(sound)
    assert level_error() < before / 2


def test_mistakes_are_named() -> None:
    vae = ParametricVAE(CONFIG)
    with pytest.raises(ValueError, match="sound must be"):
        vae.encode(noise(1, 2, 4096))
    with pytest.raises(ValueError, match="latents must be"):
        vae.decode(noise(1, 3, 4))
    with pytest.raises(ValueError, match="multiple"):
        ParametricVAEConfig(sample_rate=16000, content_dim=4, direction_bands=4, hop=500, fft_hop=128)
    with pytest.raises(ValueError, match="content_dim"):
        ParametricVAEConfig(sample_rate=16000, content_dim=0, direction_bands=4)


@torch.no_grad()
def test_matrix_products_in_bfloat16_change_levels_by_little_and_directions_not() -> None:
    vae, sound = shaken(), noise(1, 4, 512 * 12)
    exact = vae.encode(sound)
    field = vae.decode(exact.mean)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = vae.encode(sound)
        again = vae.decode(exact.mean)
    content = CONFIG.content_dim
    assert torch.equal(rounded.mean[:, content:].float(), exact.mean[:, content:])
    assert torch.allclose(rounded.mean[:, :content].float(), exact.mean[:, :content], rtol=0.05, atol=0.05)
    assert again.dtype == torch.float32
    assert float((again - field).norm() / field.norm()) < 0.05
