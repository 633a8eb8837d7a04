r"""Least-squares game: the critic is drawn to 1 at real and to 0 at generated samples.

.. math::
    L_D = \tfrac12 (D(x) - 1)^2 + \tfrac12 D(G(z))^2, \qquad L_G = \tfrac12 (D(G(z)) - 1)^2

The labels are the paper's 0-1 scheme, its equation (9): the generator asks for the label of real.

Source: Mao et al. 2017, arXiv:1611.04076.
"""

from torch import Tensor

from gansmith.objectives import Objective


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """(N,), (N,) -> (N,). Check: 0.25 where both are one half; its minimiser is p / (p + q)."""
    return ((real_logits - 1).square() + fake_logits.square()) / 2


def generator_loss(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
    """(N,) -> (N,). Check: 0 where the critic says 1."""
    return (fake_logits - 1).square() / 2


least_squares = Objective(critic_loss, generator_loss, sign_tells=False)
