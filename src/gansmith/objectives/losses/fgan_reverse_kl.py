r"""f-GAN of KL(q || p): G is punished most for what does not exist, so it picks rather than covers.

.. math:: f(u) = -\log u, \qquad g_f(v) = -e^{-v}, \qquad f^*(t) = -1 - \log(-t)

Both sides are those of ``f_gan``: G descends the same value that D ascends, by a slope of 1 everywhere.
The exponential is exact down to v = -80 and a line beyond.

Source: Nowozin et al. 2016, arXiv:1606.00709, tables 1 and 6.
"""

from torch import Tensor

from gansmith.objectives.fgan import exponential, f_gan


def activation(v: Tensor) -> Tensor:
    """(N,) -> (N,). Check: -q / p at the best critic, v = log(p / q)."""
    return -exponential(-v)


def conjugate(v: Tensor) -> Tensor:
    """(N,) -> (N,), f*(g_f(v)): the logarithm undoes the exponential. Check: 0 at v = 1."""
    return v - 1


fgan_reverse_kl = f_gan(activation, conjugate, lipschitz=True)
