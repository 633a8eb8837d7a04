r"""Hinge game: the critic stops pushing once real lies above 1 and fake below -1.

.. math:: L_D = \max(0, 1 - D(x)) + \max(0, 1 + D(G(z))), \qquad L_G = -D(G(z))

Source: Lim and Ye 2017, arXiv:1705.02894; Miyato et al. 2018, arXiv:1802.05957, equations (16) and (17).
"""

from torch import Tensor
from torch.nn.functional import relu

from gansmith.objectives import Objective


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """(N,), (N,) -> (N,). Check: 2 at logits 0; its minimiser is sign(p - q), where its mean is 2 - 2 TV."""
    return relu(1 - real_logits) + relu(1 + fake_logits)


def generator_loss(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
    """(N,) -> (N,). Check: the derivative by the fake logit is -1 everywhere."""
    return -fake_logits


hinge = Objective(critic_loss, generator_loss)
