"""Zero-centred gradient penalties at real and at generated samples (R1 + R2) in one pass.

Source: Huang et al. 2024, arXiv:2501.05441, section 2.
"""

from torch import Tensor

from gansmith.objectives import Penalty
from gansmith.objectives.gradients import squared_gradient_norm


def r1_r2_penalty(critic, x: Tensor, logits: Tensor) -> Tensor:
    """(N,), unweighted (no gamma / 2). Check: D(x) = <w, x> gives exactly ||w||^2."""
    return squared_gradient_norm(x, logits)


r1_r2 = Penalty(r1_r2_penalty, at="both")
