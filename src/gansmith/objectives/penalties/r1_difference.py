"""R1 by a finite difference along one random direction, at real samples.

Source: Mescheder et al. 2018, arXiv:1801.04406; Lin et al. 2025, arXiv:2501.08316, who leave out the division by sigma.
"""

from torch import Tensor

from gansmith.objectives import Penalty
from gansmith.objectives.directions import squared_difference


def r1_difference_penalty(critic, x: Tensor, logits: Tensor, noise: Tensor) -> Tensor:
    """(N,), unweighted (no gamma / 2). Check: D(x) = <w, x> gives <w, v>^2, whose mean over v is ||w||^2."""
    return squared_difference(critic, x, logits, noise)


r1_difference = Penalty(r1_difference_penalty, at="real", extra="noise", fine=True)
