r"""f-GAN of KL(p || q): G is punished most for what it misses, so it covers rather than picks.

.. math:: f(u) = u \log u, \qquad g_f(v) = v, \qquad f^*(t) = e^{t - 1}

Both sides are those of ``f_gan``: G descends the same value that D ascends. The exponential is exact up
to v = 81 and a line beyond.

Source: Nowozin et al. 2016, arXiv:1606.00709, tables 1 and 6.
"""

from torch import Tensor

from gansmith.objectives.fgan import exponential, f_gan


def activation(v: Tensor) -> Tensor:
    """(N,) -> (N,). Check: 1 + log(p / q) at the best critic."""
    return v


def conjugate(v: Tensor) -> Tensor:
    """(N,) -> (N,), f*(g_f(v)). Check: p / q at the best critic."""
    return exponential(v - 1)


fgan_kl = f_gan(activation, conjugate, lipschitz=True, sign_tells=False)
