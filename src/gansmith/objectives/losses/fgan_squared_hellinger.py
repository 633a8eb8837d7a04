r"""f-GAN of the squared Hellinger distance, the sum of (sqrt p - sqrt q)^2.

.. math:: f(u) = (\sqrt u - 1)^2, \qquad g_f(v) = 1 - e^{-v}, \qquad f^*(t) = \frac{t}{1 - t}

Both sides are those of ``f_gan``: G descends the same value that D ascends. The exponentials are exact
for v in [-80, 80] and lines beyond.

Source: Nowozin et al. 2016, arXiv:1606.00709, tables 1 and 6.
"""

from torch import Tensor

from gansmith.objectives.fgan import exponential, f_gan


def activation(v: Tensor) -> Tensor:
    """(N,) -> (N,). Check: 1 - sqrt(q / p) at the best critic, v = log(p / q) / 2."""
    return 1 - exponential(-v)


def conjugate(v: Tensor) -> Tensor:
    """(N,) -> (N,), f*(g_f(v)). Check: sqrt(p / q) - 1 at the best critic."""
    return exponential(v) - 1


fgan_squared_hellinger = f_gan(activation, conjugate)
