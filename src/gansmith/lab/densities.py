r"""Known densities on a line, as shares of a fine grid, and what can be said of two of them exactly.

A density is given by its shares p of the grid's cells, (K,) float64 with sum 1. Divergences of the
shares are those of the densities up to the grid's width.
"""

import math

import torch
from torch import Tensor

from gansmith.objectives import Objective

LOW, HIGH, CELLS = -10.0, 10.0, 4001
FARTHEST_LOGIT = 200.0


def line() -> Tensor:
    """(K,): the grid's places."""
    return torch.linspace(LOW, HIGH, CELLS, dtype=torch.float64)


def gaussian(mean: float | Tensor = 0.0, std: float = 1.0) -> Tensor:
    """(K,): shares of a Gaussian on the grid; differentiable by the mean."""
    return torch.softmax(-((line() - mean) / std).square() / 2, 0)


def kl(p: Tensor, q: Tensor) -> Tensor:
    """Kullback-Leibler divergence KL(p || q). Check: infinite where q leaves out a place of p."""
    return torch.xlogy(p, p).sub(torch.xlogy(p, q)).sum()


def jensen_shannon(p: Tensor, q: Tensor) -> Tensor:
    """JSD, the mean KL to the middle. Check: 0 at p = q, log 2 on disjoint supports."""
    middle = (p + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def total_variation(p: Tensor, q: Tensor) -> Tensor:
    """TV, half the absolute difference. Check: two unit Gaussians t apart have erf(t / sqrt 8)."""
    return (p - q).abs().sum() / 2


def earth_mover(p: Tensor, q: Tensor, places: Tensor) -> Tensor:
    """W1 on a line: the area between the two cumulative shares. Check: t for a shift by t."""
    return ((p - q).cumsum(0)[:-1].abs() * places.diff()).sum()


def pearson(p: Tensor, q: Tensor) -> Tensor:
    """Pearson chi square of p against q, the mean of (p / q - 1)^2 under q."""
    return ((p - q).square() / q.clamp_min(1e-300)).sum()


def critic_value(objective: Objective, logits: Tensor, p: Tensor, q: Tensor) -> Tensor:
    """The critic's expected loss with real ~ p, fake ~ q, for losses that are a sum of a real and a fake part."""
    zero = torch.zeros_like(logits)
    real, fake, both = objective.critic(logits, zero), objective.critic(zero, logits), objective.critic(zero, zero)
    return p @ real + q @ fake - both[0]


def best_logits(objective: Objective, p: Tensor, q: Tensor) -> Tensor:
    """(K,): where the critic's loss is least, found place by place without knowing the answer.

    The loss is convex in each logit, so its slope changes sign once; the interval around that place
    is halved until nothing is left of it.
    """
    low, high = torch.full_like(p, -FARTHEST_LOGIT), torch.full_like(p, FARTHEST_LOGIT)
    for _ in range(80):
        middle = ((low + high) / 2).requires_grad_()
        (slope,) = torch.autograd.grad(critic_value(objective, middle, p, q), middle)
        middle = middle.detach()
        low, high = torch.where(slope < 0, middle, low), torch.where(slope < 0, high, middle)
    return (low + high) / 2


def accuracy(logits: Tensor, p: Tensor, q: Tensor) -> float:
    """Share of samples, half of them real, that a critic calls rightly. Check: at best (1 + TV) / 2."""
    return float((p @ (logits > 0).double() + q @ (logits <= 0).double()) / 2)


def gaussian_logits(x: Tensor, mean: float, std: float) -> Tensor:
    """The best critic between N(0, 1) and N(mean, std^2) at any x: log p - log q."""
    return -x.square() / 2 + ((x - mean) / std).square() / 2 + math.log(std)
