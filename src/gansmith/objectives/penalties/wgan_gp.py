"""Gradient penalty towards slope 1 between real and generated samples (WGAN-GP).

Source: Gulrajani et al. 2017, arXiv:1704.00028, equation (3).
"""

from torch import Tensor

from gansmith.objectives import Penalty
from gansmith.objectives.gradients import squared_distance_from_slope_one


def wgan_gp_penalty(critic, x: Tensor, logits: Tensor) -> Tensor:
    """(N,), unweighted. Check: D(x) = <w, x> gives (||w|| - 1)^2, which is 0 where the slope is 1."""
    return squared_distance_from_slope_one(x, logits)


wgan_gp = Penalty(wgan_gp_penalty, at="between", factor=1.0, weight=10.0)
