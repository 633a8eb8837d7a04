r"""f-GAN of Pearson's chi-squared divergence, the sum of (p - q)^2 / q.

.. math:: f(u) = (u - 1)^2, \qquad g_f(v) = v, \qquad f^*(t) = \tfrac14 t^2 + t \text{ for } t \ge -2, \text{ else } -1

The paper's table gives the parabola alone, the conjugate over all u. A ratio of densities is never
negative, and over u >= 0 the conjugate stays at -1 below t = -2. So it never falls, where the parabola
would turn and the generator would lower its fakes. Best critic and divergence are the same.

Both sides are those of ``f_gan``: G descends the same value that D ascends.

Source: Nowozin et al. 2016, arXiv:1606.00709, tables 1 and 6.
"""

from torch import Tensor

from gansmith.objectives.fgan import f_gan


def activation(v: Tensor) -> Tensor:
    """(N,) -> (N,). Check: 2 (p / q - 1) at the best critic."""
    return v


def conjugate(v: Tensor) -> Tensor:
    """(N,) -> (N,), f*(g_f(v)). Check: at the best critic, (p / q)^2 - 1."""
    t = v.clamp(min=-2)
    return t.square() / 4 + t


fgan_pearson = f_gan(activation, conjugate, lipschitz=True)
