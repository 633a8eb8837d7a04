"""R1 + R2 by forward-mode differentiation along one random direction, at real and at generated samples.

Source: Huang et al. 2024, arXiv:2501.05441; with the random directions of Hutchinson 1990.
"""

from torch import Tensor

from gansmith.objectives import Penalty
from gansmith.objectives.directions import squared_directional_derivative


def r1_r2_jvp_penalty(critic, x: Tensor, logits: Tensor, noise: Tensor) -> Tensor:
    """(N,), unweighted (no gamma / 2). Check: D(x) = <w, x> gives <w, v>^2, whose mean over v is ||w||^2."""
    return squared_directional_derivative(critic, x, logits, noise)


r1_r2_jvp = Penalty(r1_r2_jvp_penalty, at="both", extra="noise")
