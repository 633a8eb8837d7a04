r"""How a sum over eigenvalues changes when one row is left out: for every row at once, from one decomposition.

Of M = sum_i v_i v_i^T, with eigenvalues values_k, and squares_ik = (u_k . v_i)^2, leaving v out gives

.. math:: \log \frac{\det(M - v v^\top + t)}{\det(M + t)} = \log\left(1 - \sum_k \frac{(u_k v)^2}{\lambda_k + t}\right)

and sums of roots and of entropies are integrals of it over t, taken by the trapezoid rule in log t: to seven digits.
The first is the matrix determinant lemma; the integrals follow from those of the root and of the logarithm.
"""

import math

import torch
from torch import Tensor

NODES = 160
REACH = 32.0
ALMOST = 1 - 1e-15


def root_change(values: Tensor, squares: Tensor) -> Tensor:
    r"""(n,) of the sum of the roots of the eigenvalues, when each row is left out.

    .. math:: \frac{1}{2 \pi} \int_0^\infty t^{-1/2} \log(1 - q(t)) \, dt

    Args:
        values: (k,) eigenvalues, all above zero.
        squares: (n, k).
    Check: equals decomposing M without the row.
    """
    t, step = _nodes(values)
    return (_log_ratios(values, squares, t) @ t.sqrt()) * (step / (2 * math.pi))


def entropy_change(values: Tensor, squares: Tensor) -> Tensor:
    r"""(n,) of :math:`\sum_k \lambda_k \log \lambda_k`, when each row is left out.

    .. math:: -|v|^2 - \int_0^\infty \left[ \log(1 - q(t)) + \frac{|v|^2}{1 + t} \right] dt

    Args: as ``root_change``.
    Check: equals decomposing M without the row.
    """
    t, step = _nodes(values)
    lengths = squares.sum(1)
    integrand = _log_ratios(values, squares, t) + lengths[:, None] / (1 + t)
    return -lengths - (integrand @ t) * step


def _nodes(values: Tensor) -> tuple[Tensor, float]:
    if not len(values):
        return torch.ones(1, dtype=torch.float64), 0.0
    low, high = math.log(float(values.min())) - REACH, math.log(float(values.max())) + REACH
    nodes = torch.linspace(low, high, NODES, dtype=torch.float64)
    return nodes.exp(), (high - low) / (NODES - 1)


def _log_ratios(values: Tensor, squares: Tensor, t: Tensor) -> Tensor:
    """(n, nodes)."""
    return torch.log1p(-(squares @ (1 / (values[:, None] + t))).clamp(max=ALMOST))
