import math

import pytest
import torch

from audiospace.models import (
    Conditions,
    Guided,
    SpanContext,
    TransformerConfig,
    VelocityTransformer,
    adams_bashforth,
    euler,
    interpolate,
    midpoint,
    velocity_target,
)


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def growth(x: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    return x


def test_the_path_starts_at_data_and_ends_at_noise():
    data, noise = draw(3, 2, 4), draw(3, 2, 4, seed=1)
    mixed = interpolate(data, noise, torch.tensor([0.0, 1.0, 0.25]))
    assert torch.equal(mixed[0], data[0])
    assert torch.equal(mixed[1], noise[1])
    assert torch.allclose(mixed[2], 0.75 * data[2] + 0.25 * noise[2])


def test_the_target_is_the_derivative_of_the_path():
    data, noise = draw(1, 2, 4).double(), draw(1, 2, 4, seed=1).double()
    t = torch.tensor([0.3], dtype=torch.double)
    slope = (interpolate(data, noise, t + 1e-6) - interpolate(data, noise, t - 1e-6)) / 2e-6
    assert torch.allclose(slope, velocity_target(data, noise), atol=1e-8)


@pytest.mark.parametrize("solver", [euler, midpoint, adams_bashforth])
@pytest.mark.parametrize("steps", [1, 7])
def test_the_true_velocity_leads_to_the_data(solver, steps):
    data, noise = draw(2, 3, 5), draw(2, 3, 5, seed=1)
    end = solver(lambda *_: velocity_target(data, noise), noise, steps)
    assert torch.allclose(end, data, atol=1e-6)


def test_solvers_on_a_linear_field():
    """dx/dt = x from t = 1 to 0: exactly x / e; Euler gives (1 - h)^n, the midpoint (1 - h + h^2 / 2)^n."""
    x = torch.ones(1, 1, 1, dtype=torch.double)
    assert euler(growth, x, 10).item() == pytest.approx((1 - 0.1) ** 10)
    assert midpoint(growth, x, 10).item() == pytest.approx((1 - 0.1 + 0.005) ** 10)
    before, now = 1.0, 0.9
    for _ in range(9):
        before, now = now, now - 0.1 * (1.5 * now - 0.5 * before)
    assert adams_bashforth(growth, x, 10).item() == pytest.approx(now)


@pytest.mark.parametrize(("solver", "order"), [(euler, 1), (midpoint, 2), (adams_bashforth, 2)])
def test_the_error_falls_with_the_order(solver, order):
    """dx/dt = (t + 1) x from t = 1 to 0: exactly x exp(-3/2); half the step, half or a quarter the error."""

    def error(steps: int) -> float:
        x = torch.ones(1, 1, 1, dtype=torch.double)
        end = solver(lambda x, t: (t.double()[:, None, None] + 1) * x, x, steps)
        return abs(end.item() - math.exp(-1.5))

    assert error(64) / error(128) == pytest.approx(2**order, rel=0.06)


@pytest.mark.parametrize(("solver", "evaluations"), [(euler, 5), (midpoint, 10), (adams_bashforth, 5)])
def test_evaluations_and_steps(solver, evaluations):
    seen, reported = [], []
    solver(lambda x, t: seen.append(t.item()) or x, draw(1, 1, 1), 5, lambda *done: reported.append(done))
    assert len(seen) == evaluations
    assert seen == sorted(seen, reverse=True)
    assert reported == [(step, 5) for step in range(1, 6)]


def test_flow_times_fall_from_one_and_steps_are_reported():
    seen, reported = [], []
    euler(
        lambda x, t: seen.append(t.tolist()) or x * 0,
        draw(2, 1, 1),
        4,
        on_step=lambda done, steps: reported.append((done, steps)),
    )
    assert seen == [[1, 1], [0.75, 0.75], [0.5, 0.5], [0.25, 0.25]]
    assert reported == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_no_steps_are_refused():
    with pytest.raises(ValueError, match="at least one step"):
        euler(growth, draw(1, 1, 1), 0)


X, T = draw(2, 5, 20), torch.tensor([0.9, 0.2])
CONDITIONS = Conditions(draw(2, 8, 12, seed=1), draw(2, 8, 64, seed=2))


@pytest.fixture(scope="module")
def network() -> VelocityTransformer:
    torch.manual_seed(0)
    network = VelocityTransformer(TransformerConfig(5, 64, 1, 2, 12, span_context=True))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    return network.eval()


@torch.no_grad()
def test_scale_one_is_conditional_and_scale_zero_unconditional(network):
    conditional = network(X, T, CONDITIONS)
    assert torch.allclose(Guided(network, CONDITIONS, 1)(X, T), conditional, atol=1e-6)
    unconditional = network(X, T, Conditions(CONDITIONS.global_))
    assert torch.allclose(Guided(network, CONDITIONS, 0)(X, T), unconditional, atol=1e-5)
    assert not torch.allclose(conditional, unconditional, atol=1e-2)


@torch.no_grad()
def test_guidance_extrapolates_and_keeps_the_global_condition_unless_asked(network):
    conditional = network(X, T, CONDITIONS)
    for drop_global, null in ((False, Conditions(CONDITIONS.global_)), (True, Conditions())):
        unconditional = network(X, T, null)
        guided = Guided(network, CONDITIONS, 3, drop_global=drop_global)(X, T)
        assert torch.allclose(guided, unconditional + 3 * (conditional - unconditional), atol=1e-4)


@torch.no_grad()
def test_guidance_without_anything_to_drop_runs_the_network_once(network):
    guided = Guided(network, Conditions(CONDITIONS.global_), 3)
    assert torch.equal(guided(X, T), network(X, T, Conditions(CONDITIONS.global_)))


@torch.no_grad()
def test_both_halves_see_the_span(network):
    span = SpanContext(draw(2, 5, 20, seed=6), torch.ones(2, 1, 20))
    conditional = network(X, T, CONDITIONS, span)
    unconditional = network(X, T, Conditions(CONDITIONS.global_), span)
    guided = Guided(network, CONDITIONS, 3, span=span)(X, T)
    assert torch.allclose(guided, unconditional + 3 * (conditional - unconditional), atol=1e-4)


@torch.no_grad()
def test_one_set_of_conditions_serves_a_whole_batch(network):
    one = Conditions(CONDITIONS.global_[:1], CONDITIONS.additive[:1])
    both = Conditions(one.global_.expand(2, -1, -1), one.additive.expand(2, -1, -1))
    assert torch.allclose(Guided(network, one, 3)(X, T), Guided(network, both, 3)(X, T), atol=1e-5)


@torch.no_grad()
def test_guidance_only_at_some_flow_times(network):
    guided = Guided(network, CONDITIONS, 3, interval=(0.3, 0.8))
    for t, scale in ((0.9, 1), (0.8, 3), (0.5, 3), (0.3, 1), (0.1, 1)):
        times = torch.full((2,), t)
        assert torch.equal(guided(X, times), Guided(network, CONDITIONS, scale)(X, times))
