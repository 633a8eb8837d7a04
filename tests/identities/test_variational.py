"""The evidence lower bound: closed forms of its terms, and a model simple enough to be solved by hand."""

import math

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck
from torch.distributions import Independent, Normal, kl_divergence

from gansmith.objectives.variational import divergence_from_prior, gaussian_surprise


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_divergence_is_that_of_the_distributions():
    mean, log_variance = draw(5, 7), draw(5, 7, seed=1)
    zeros = torch.zeros_like(mean)
    q = Independent(Normal(mean, (log_variance / 2).exp()), 1)
    p = Independent(Normal(zeros, torch.ones_like(mean)), 1)
    assert torch.allclose(divergence_from_prior(mean, log_variance), kl_divergence(q, p), rtol=1e-12)
    assert divergence_from_prior(zeros, zeros).tolist() == [0.0] * 5


def test_the_surprise_is_the_normal_density_at_the_best_variance():
    x, again = draw(4, 2, 3, 3), draw(4, 2, 3, 3, seed=1)
    variance = (x - again).square().mean()
    oracle = -Independent(Normal(again, variance.sqrt()), 3).log_prob(x)
    assert torch.allclose(gaussian_surprise(x, again), oracle, rtol=1e-10)
    assert oracle.mean().item() == pytest.approx(18 / 2 * (1 + math.log(2 * math.pi * variance.item())), rel=1e-10)
    for factor in (0.8, 1.25):
        other = -Independent(Normal(again, (variance * factor).sqrt()), 3).log_prob(x)
        assert other.mean() > oracle.mean()


def test_the_best_variance_adds_nothing_to_the_gradient():
    x, again = draw(4, 6), draw(4, 6, seed=1).requires_grad_()
    (ours,) = torch.autograd.grad(gaussian_surprise(x, again).mean(), again)
    variance = (x - again).square().mean()
    whole = 3 * (1 + (2 * math.pi * variance).log())
    (through_it,) = torch.autograd.grad(whole, again)
    assert torch.allclose(ours, through_it, rtol=1e-10)


@pytest.mark.parametrize("free_nats", [0.0, 0.4])
def test_gradients_of_the_divergence(free_nats):
    inputs = (draw(3, 4).requires_grad_(), draw(3, 4, seed=1).requires_grad_())
    if free_nats == 0:
        assert gradcheck(divergence_from_prior, inputs)
    mean, log_variance = inputs
    used = ((log_variance.exp() + mean.square() - 1 - log_variance) / 2).mean(0) > free_nats
    divergence_from_prior(mean, log_variance, free_nats).sum().backward()
    assert used.any() and (free_nats == 0 or not used.all())
    assert (mean.grad[:, used] != 0).all() and (mean.grad[:, ~used] == 0).all()


def test_the_bound_is_tight_where_the_posterior_is_known():
    """x = a z + s e with z, e ~ N(0, 1): with the true posterior, -ELBO is -log N(x; 0, a^2 + s^2)."""
    a, s = 1.3, 0.7
    x = draw(3, 1)
    variance = 1 / (1 + a * a / (s * s))
    mean = variance * a / (s * s) * x
    nodes, weights = torch.from_numpy(hermite()[0]), torch.from_numpy(hermite()[1])
    z = mean + math.sqrt(variance) * nodes
    surprise = (((x - a * z) / s).square() / 2 + math.log(s * math.sqrt(2 * math.pi))) @ weights
    bound = surprise + divergence_from_prior(mean, torch.full_like(mean, math.log(variance)))
    truth = -Normal(x.new_zeros(()), x.new_tensor(a * a + s * s).sqrt()).log_prob(x.squeeze(1))
    assert torch.allclose(bound, truth, rtol=1e-10)


def hermite():
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    return nodes, weights / weights.sum()
