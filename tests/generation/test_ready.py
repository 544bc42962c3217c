from dataclasses import replace

import pytest
import torch

from audiospace.errors import UserError
from audiospace.generation import GenerateOptions
from audiospace.generation import ready as ready_module
from audiospace.generation.ready import ready_model, resolve_settings
from audiospace.kernels import supported_precisions
from audiospace.model_store import load_model
from audiospace.models.vae.tiled_decoder import TiledDecoder


def test_a_model_is_prepared_and_sounds_the_same(tiny_model):
    plain = load_model(tiny_model).model
    ready = ready_model(tiny_model, GenerateOptions())
    assert ready.precision == "float32"
    assert isinstance(ready.model.vae.decoder, TiledDecoder)
    latents = torch.randn(1, plain.config.vae.latent_dim, 12)
    with torch.inference_mode():
        assert torch.allclose(ready.model.decode(latents), plain.decode(latents), atol=1e-5)


def test_a_loaded_model_is_used_as_it_is(tiny_model):
    loaded = load_model(tiny_model)
    assert ready_model(loaded, GenerateOptions(fast=True)) is loaded


def test_fast_is_the_midpoint_with_a_quarter_of_the_steps(tiny_model):
    loaded = load_model(tiny_model)
    config = replace(loaded.model.config, steps=24)
    loaded.model.config = config
    fast = resolve_settings(loaded, GenerateOptions(fast=True))
    assert (fast.solver, fast.steps) == ("midpoint", 6)
    slow = resolve_settings(loaded, GenerateOptions())
    assert (slow.solver, slow.steps) == ("euler", 24)
    own = resolve_settings(loaded, GenerateOptions(fast=True, solver="euler"))
    assert (own.solver, own.steps) == ("euler", 24)
    assert resolve_settings(loaded, GenerateOptions(fast=True, steps=9)).steps == 9


def test_fast_lowers_the_precision_of_large_models_only(tiny_model, monkeypatch):
    assert ready_model(tiny_model, GenerateOptions(fast=True)).precision == "float32"
    monkeypatch.setattr(ready_module, "LARGE", 1)
    fastest = supported_precisions(torch.device("cpu"))[-1]
    assert ready_model(tiny_model, GenerateOptions(fast=True)).precision == fastest
    assert ready_model(tiny_model, GenerateOptions(fast=True, precision="float32")).precision == "float32"


def test_a_precision_that_is_not_here_is_refused(tiny_model, monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: False)
    with pytest.raises(UserError, match="int8"):
        ready_model(tiny_model, GenerateOptions(precision="int8"))
