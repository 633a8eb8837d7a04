r"""Wasserstein game: the critic's mean difference, which is the earth mover's distance if its slope is at most 1.

.. math:: L_D = D(G(z)) - D(x), \qquad L_G = -D(G(z))

Source: Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1.
"""

from torch import Tensor

from gansmith.objectives import Objective


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """(N,), (N,) -> (N,). Check: at the best critic of slope 1, minus the distance; |t| between points 0 and t."""
    return fake_logits - real_logits


def generator_loss(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
    """(N,) -> (N,). Check: the derivative by the fake logit is -1 everywhere."""
    return -fake_logits


wasserstein = Objective(critic_loss, generator_loss, lipschitz=True, sign_tells=False)
