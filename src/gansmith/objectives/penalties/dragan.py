"""Gradient penalty towards slope 1 around real samples (DRAGAN).

Source: Kodali et al. 2017, arXiv:1705.07215.
"""

from torch import Tensor

from gansmith.objectives import Penalty
from gansmith.objectives.gradients import squared_distance_from_slope_one


def dragan_penalty(critic, x: Tensor, logits: Tensor) -> Tensor:
    """(N,), unweighted. Check: D(x) = <w, x> gives (||w|| - 1)^2, which is 0 where the slope is 1."""
    return squared_distance_from_slope_one(x, logits)


dragan = Penalty(dragan_penalty, at="around", factor=1.0, weight=10.0)
