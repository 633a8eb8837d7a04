"""Consistency of the critic under augmentation of real samples (CR).

Source: Zhang et al. 2020, arXiv:1910.12027.
"""

from torch import Tensor

from gansmith.objectives import Penalty
from gansmith.objectives.gradients import check_logits


def consistency_penalty(critic, x: Tensor, logits: Tensor, augmented: Tensor) -> Tensor:
    """(N,), unweighted: (D(x) - D(T(x)))^2. Check: 0 where T changes nothing; D(x) = <w, x> gives <w, x - T(x)>^2."""
    check_logits(x, logits)
    return (logits - critic(augmented)).square()


consistency = Penalty(consistency_penalty, at="real", extra="augmented", factor=1.0, weight=10.0, per_row=False)
__all__ = ["consistency", "consistency_penalty"]
