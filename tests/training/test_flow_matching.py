import torch

from audiospace.training.config import FlowConfig
from audiospace.training.engine import _schedule
from audiospace.training.fine import MaskedSpan, draw_spans
from audiospace.training.latents import LatentSet


def test_spans_are_contiguous_and_long_enough():
    hidden = draw_spans(200, 40, FlowConfig(span_minimum=0.7), torch.Generator().manual_seed(0))[:, 0]
    lengths = hidden.sum(dim=1)
    assert lengths.min() >= 28
    assert lengths.max() == 40
    edges = hidden.diff(dim=1, prepend=torch.zeros(200, 1)).clamp_min(0).sum(dim=1)
    assert torch.equal(edges, torch.ones(200))


def test_a_masked_span_never_shows_what_it_hides():
    latents = torch.randn(64, 8, 40)
    task = MaskedSpan(FlowConfig(context_dropout=0.5))
    given = task.give(None, LatentSet(latents, {}), torch.Generator().manual_seed(0))
    assert not (given.span.keep * given.weight).any()
    torch.testing.assert_close(given.span.latents, latents * given.span.keep)
    dropped = given.span.keep.flatten(1).sum(dim=1) == 0
    assert 16 < dropped.sum() < 56


def test_the_learning_rate_warms_up_and_decays_to_a_tenth():
    rates = [_schedule(step / 100, step, 10) for step in range(101)]
    assert rates[0] < 0.11
    assert abs(rates[100] - 0.1) < 1e-6
    assert max(rates) == rates[9]
