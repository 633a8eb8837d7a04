r"""f-GAN of twice the Jensen-Shannon divergence: the minimax game, up to a constant.

.. math::
    f(u) = u \log u - (u + 1) \log \frac{u + 1}{2}, \qquad
    g_f(v) = \log 2 - \log(1 + e^{-v}), \qquad f^*(t) = -\log(2 - e^t)

Both sides are those of ``f_gan``: G descends the same value that D ascends.

Source: Nowozin et al. 2016, arXiv:1606.00709, tables 1 and 6.
"""

import math

from torch import Tensor
from torch.nn.functional import softplus

from gansmith.objectives.fgan import f_gan


def activation(v: Tensor) -> Tensor:
    """(N,) -> (N,). Check: log(2 p / (p + q)) at the best critic, v = log(p / q)."""
    return math.log(2) - softplus(-v)


def conjugate(v: Tensor) -> Tensor:
    """(N,) -> (N,), f*(g_f(v)). Check: -log(2 q / (p + q)) at the best critic."""
    return softplus(v) - math.log(2)


fgan_jensen_shannon = f_gan(activation, conjugate)
