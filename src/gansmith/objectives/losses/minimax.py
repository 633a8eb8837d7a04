r"""Minimax game of the original GAN: G minimises what D maximises, and learns slowly where D is sure.

.. math::
    L_D = -\log D(x) - \log(1 - D(G(z))), \qquad L_G = \log(1 - D(G(z))), \qquad D = \sigma(\text{logit})

Source: Goodfellow et al. 2014, arXiv:1406.2661, equation (1).
"""

from torch import Tensor
from torch.nn.functional import softplus

from gansmith.objectives import Objective
from gansmith.objectives.losses.non_saturating import critic_loss


def generator_loss(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
    """(N,) -> (N,). Check: the derivative by the fake logit l is -sigmoid(l), which vanishes where D is sure."""
    return -softplus(fake_logits)


minimax = Objective(critic_loss, generator_loss)
