r"""Non-saturating game of the original GAN: D by cross-entropy, G maximises log D(G(z)).

.. math::
    L_D = -\log D(x) - \log(1 - D(G(z))), \qquad L_G = -\log D(G(z)), \qquad D = \sigma(\text{logit})

Source: Goodfellow et al. 2014, arXiv:1406.2661, equation (1) and section 3.
"""

from torch import Tensor
from torch.nn.functional import softplus

from gansmith.objectives import Objective


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """(N,), (N,) -> (N,). Check: at logits 0 it is 2 log 2; its minimiser is log p - log q."""
    return softplus(-real_logits) + softplus(fake_logits)


def generator_loss(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
    """(N,) -> (N,). Check: the derivative by the fake logit l is -(1 - sigmoid(l))."""
    return softplus(-fake_logits)


non_saturating = Objective(critic_loss, generator_loss)
__all__ = ["critic_loss", "generator_loss", "non_saturating"]
