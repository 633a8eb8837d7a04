r"""Relativistic average game: the critic compares each image with the mean of the other kind in the batch.

.. math::
    L_D = \operatorname{softplus}(-(D(x) - \overline{D(G(z))})) + \operatorname{softplus}(D(G(z)) - \overline{D(x)})

and L_G is the same with the two exchanged. The bars are means over the batch, and gradients pass
through them. The relativistic pairing game, which compares one with one, needs no mean.

Source: Jolicoeur-Martineau 2018, arXiv:1807.00734 (RaSGAN).
"""

from torch import Tensor
from torch.nn.functional import softplus

from gansmith.objectives import Objective
from gansmith.objectives.pairs import check_pairs


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """(N,), (N,) -> (N,). Check: 2 log 2 where all are equal; unchanged by a common shift."""
    check_pairs(real_logits, fake_logits)
    return softplus(fake_logits.mean() - real_logits) + softplus(fake_logits - real_logits.mean())


def generator_loss(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
    """(N,), (N,) -> (N,). Check: the critic's loss with the two exchanged."""
    assert real_logits is not None, "the relativistic generator loss compares fakes with real images"
    return critic_loss(fake_logits, real_logits)


relativistic_average = Objective(critic_loss, generator_loss, pairs_real=True, sign_tells=False)
