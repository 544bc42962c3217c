import numpy as np
import pytest
import torch
from scipy.interpolate import CubicSpline

from audiospace.models import (
    ConditionEmbedder,
    ConditionerConfig,
    Conditions,
    SpanContext,
    TransformerConfig,
    VelocityTransformer,
)
from audiospace.models.transformer import spline_matrix, stretch
from audiospace.models.transformer.rotary import rotary_angles, rotate_heads

CONFIG = TransformerConfig(latent_dim=5, width=64, depth=2, heads=2, global_dim=12, span_context=True)


@pytest.fixture
def transformer() -> VelocityTransformer:
    torch.manual_seed(0)
    network = VelocityTransformer(CONFIG)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    return network.eval()


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


X, T = draw(2, 5, 20), torch.tensor([0.9, 0.2])
CONDITIONS = Conditions(draw(2, 8, 12, seed=1), draw(2, 8, 64, seed=2))


@pytest.mark.parametrize(("knots", "points"), [(80, 215), (80, 33), (3, 7), (2, 5), (4, 4)])
def test_the_spline_is_scipys_natural_one(knots, points):
    values = np.random.default_rng(0).standard_normal((knots, 3))
    expected = CubicSpline(np.arange(knots), values, bc_type="natural")(np.linspace(0, knots - 1, points))
    assert np.allclose(spline_matrix(knots, points).double().numpy() @ values, expected, atol=1e-6)


def test_one_knot_is_constant_and_the_right_length_is_left_alone():
    assert torch.equal(stretch(torch.full((1, 1, 2), 3.0), 4), torch.full((1, 4, 2), 3.0))
    sequence = draw(1, 6, 2)
    assert stretch(sequence, 6) is sequence


def test_rotary_scores_depend_on_the_distance_alone_and_the_rest_passes_through():
    angles = rotary_angles(40, 32, torch.device("cpu"))
    query, key = draw(38, seed=3), draw(38, seed=4)
    queries = rotate_heads(query.expand(40, 38), angles.cos(), angles.sin())
    keys = rotate_heads(key.expand(40, 38), angles.cos(), angles.sin())
    scores = queries @ keys.T
    assert torch.allclose(scores[5, 9], scores[30, 34], atol=1e-4)
    assert not torch.allclose(scores[5, 9], scores[9, 5], atol=1e-2)
    assert torch.equal(queries[:, 32:], query.expand(40, 38)[:, 32:])
    assert torch.allclose(queries.norm(dim=-1), query.norm().expand(40), rtol=1e-5)


def test_rotary_angles_are_known():
    angles = rotary_angles(3, 32, torch.device("cpu"))
    assert angles[2, 0].item() == 2
    assert angles[1, 16].item() == 1
    assert angles[1, 8].item() == pytest.approx(10000 ** (-16 / 32))


def test_from_scratch_the_velocity_is_zero_but_learns():
    network = VelocityTransformer(CONFIG)
    velocity = network(X, T, CONDITIONS)
    assert velocity.shape == X.shape
    assert not velocity.any()
    (velocity - 1).square().mean().backward()
    assert network.project_out.weight.grad.abs().sum() > 0


def test_zeros_mean_no_condition(transformer):
    zeros = Conditions(torch.zeros(2, 8, 12), torch.zeros(2, 8, 64))
    assert torch.allclose(transformer(X, T, zeros), transformer(X, T, Conditions()), atol=1e-6)


def test_the_global_condition_has_no_order_and_the_additive_one_has(transformer):
    reference = transformer(X, T, CONDITIONS)
    shuffled = Conditions(CONDITIONS.global_.flip(1), CONDITIONS.additive)
    assert torch.allclose(transformer(X, T, shuffled), reference, atol=1e-5)
    reversed_ = Conditions(CONDITIONS.global_, CONDITIONS.additive.flip(1))
    assert not torch.allclose(transformer(X, T, reversed_), reference, atol=1e-2)


def test_items_of_a_batch_do_not_meet(transformer):
    alone = transformer(X[1:], T[1:], Conditions(CONDITIONS.global_[1:], CONDITIONS.additive[1:]))
    assert torch.allclose(transformer(X, T, CONDITIONS)[1:], alone, atol=1e-5)


def test_prepared_conditions_are_the_conditions(transformer):
    prepared = transformer.prepare(CONDITIONS, 20)
    assert prepared.additive.shape == (2, 20, 64)
    assert torch.equal(transformer(X, T, prepared), transformer(X, T, CONDITIONS))


def test_only_the_known_span_is_seen(transformer):
    keep = torch.zeros(2, 1, 20)
    known = draw(2, 5, 20, seed=5)
    without = transformer(X, T, CONDITIONS)
    assert torch.allclose(transformer(X, T, CONDITIONS, SpanContext(known, keep)), without, atol=1e-6)
    keep[..., 4:9] = 1
    hidden = known.clone()
    hidden[..., 9:] = float("nan")
    some = transformer(X, T, CONDITIONS, SpanContext(known, keep))
    assert torch.equal(transformer(X, T, CONDITIONS, SpanContext(hidden, keep)), some)
    assert not torch.allclose(some, without, atol=1e-3)


def test_a_span_needs_a_place():
    network = VelocityTransformer(TransformerConfig(5, 64, 1, 2, 12))
    with pytest.raises(ValueError, match="span_context"):
        network(X, T, Conditions(), SpanContext(X, torch.ones(2, 1, 20)))


def embedder() -> ConditionEmbedder:
    torch.manual_seed(0)
    configs = [
        ConditionerConfig("front", "fov", "additive", 3),
        ConditionerConfig("moments", "sphere", "additive", 8, standardise=True),
        ConditionerConfig("whole", "panorama", "global", 3),
    ]
    return ConditionEmbedder(configs, 64, 12)


def test_the_embedder_sums_a_role_and_flattens_directions():
    network = embedder()
    features = {"fov": draw(2, 6, 3), "sphere": draw(2, 6, 4, 2, seed=1), "panorama": draw(2, 6, 3, seed=2)}
    conditions = network(features)
    parts = network.conditioners
    expected = parts["front"].layer(features["fov"]) + parts["moments"].layer(
        features["sphere"].reshape(2, 6, 8)
    )
    assert torch.allclose(conditions.additive, expected)
    assert conditions.global_.shape == (2, 6, 12)
    assert conditions.length == 6


def test_standardising_takes_mean_and_scale_out():
    moments = embedder().conditioners["moments"]
    with torch.no_grad():
        moments.mean.fill_(3)
        moments.scale.fill_(2)
    plain = draw(1, 4, 8)
    assert torch.allclose(moments(plain * 2 + 3), moments.layer(plain), atol=1e-6)


def test_missing_and_misshapen_branches_are_named():
    with pytest.raises(ValueError, match=r"lack the branch 'sphere'; they have \['fov'\]"):
        embedder()({"fov": draw(1, 6, 3)})
    with pytest.raises(ValueError, match="3 features per time step expected, not 4"):
        embedder()({"fov": draw(1, 6, 4)})


def test_masking_drops_as_published_or_all():
    keep = torch.tensor([True, False])
    published = CONDITIONS.masked(keep)
    assert torch.equal(published.additive[0], CONDITIONS.additive[0])
    assert not published.additive[1].any()
    assert published.global_ is CONDITIONS.global_
    both = CONDITIONS.masked(keep, global_too=True)
    assert not both.global_[1].any()
    assert torch.equal(both.global_[0], CONDITIONS.global_[0])
