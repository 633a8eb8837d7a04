r"""Relativistic pairing game: the critic compares each real image with one fake.

.. math::
    L_D = \operatorname{softplus}(-(D(x) - D(G(z)))), \qquad L_G = \operatorname{softplus}(-(D(G(z)) - D(x)))

Source: Jolicoeur-Martineau 2018, arXiv:1807.00734; Huang et al. 2024, arXiv:2501.05441, equation (2).
"""

from torch import Tensor
from torch.nn.functional import softplus

from gansmith.objectives import Objective
from gansmith.objectives.pairs import check_pairs


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """(N,), (N,) paired by row -> (N,). Check: log 2 where both are equal; unchanged by a common shift."""
    check_pairs(real_logits, fake_logits)
    return softplus(fake_logits - real_logits)


def generator_loss(real_logits: Tensor | None, fake_logits: Tensor) -> Tensor:
    """(N,), (N,) paired by row -> (N,). Check: the critic's loss with the two exchanged."""
    assert real_logits is not None, "the relativistic generator loss pairs each fake with a real image"
    check_pairs(real_logits, fake_logits)
    return softplus(real_logits - fake_logits)


relativistic_pairing = Objective(critic_loss, generator_loss, pairs_real=True, pairs_rows=True, sign_tells=False)
