r"""Squared slopes along a random direction: the squared gradient norm on average, at a lower price.

.. math:: E_{v \sim N(0, I)} [(v \cdot \nabla D(x))^2] = \lVert \nabla D(x) \rVert_2^2

One direction a sample is an unbiased but noisy estimate: its standard deviation is sqrt(2) times its
mean. Neither form differentiates a derivative by reverse mode, as the exact penalties do.
"""

import threading
from collections.abc import Callable

import torch
from torch import Tensor

from gansmith.objectives.gradients import check_logits

# In the units of images in [-1, 1], where 8 bits step by 0.0078. Smaller, and the rounding of float32
# logits shows in the difference; larger, and the critic bends within the step.
SIGMA = 0.01
# Forward mode counts its nesting for the whole process, so two threads would end each other's.
_one_at_a_time = threading.Lock()


def squared_difference(player: Callable[[Tensor], Tensor], x: Tensor, logits: Tensor, noise: Tensor) -> Tensor:
    r"""Per-sample squared slope along the noise, by one finite difference.

    .. math:: \left( \frac{D(x + \sigma v) - D(x)}{\sigma} \right)^2, \qquad \sigma = 0.01

    Args:
        player: the function that gave the logits, with the same augmentation and labels; called once.
        x: (N, ...).
        logits: (N,), player(x); they are not computed again.
        noise: v, like x, from N(0, I).
    Returns: (N,).
    Raises: ValueError: if the logits are not (N,).
    Check: D(x) = <w, x> gives <w, v>^2, whose mean over v is ||w||^2.
    """
    check_logits(x, logits)
    return ((player(x + SIGMA * noise) - logits) / SIGMA).square()


def squared_directional_derivative(
    player: Callable[[Tensor], Tensor], x: Tensor, logits: Tensor, noise: Tensor
) -> Tensor:
    r"""Per-sample squared slope along the noise, by forward-mode differentiation: exact, with no step size.

    .. math:: \left( v \cdot \nabla_x D(x) \right)^2

    Forward mode carries the derivative through a forward pass of its own, so the logits at hand only
    have their shape checked. Arguments, result and errors as in ``squared_difference``.
    Check: D(x) = <w, x> gives <w, v>^2, whose mean over v is ||w||^2.
    """
    check_logits(x, logits)
    with _one_at_a_time:
        slope = torch.func.jvp(player, (x,), (noise,))[1]
    return slope.square()
