"""Zero-centred gradient penalty at real samples (R1).

Source: Mescheder et al. 2018, arXiv:1801.04406.
"""

from torch import Tensor

from gansmith.objectives import Penalty
from gansmith.objectives.gradients import squared_gradient_norm


def r1_penalty(critic, x: Tensor, logits: Tensor) -> Tensor:
    """(N,), unweighted (no gamma / 2). Check: D(x) = <w, x> gives exactly ||w||^2."""
    return squared_gradient_norm(x, logits)


r1 = Penalty(r1_penalty, at="real")
