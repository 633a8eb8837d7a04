"""Zero-centred gradient penalty between real and generated samples (0-GP).

Source: Thanh-Tung et al. 2019, arXiv:1902.03984.
"""

from torch import Tensor

from gansmith.objectives import Penalty
from gansmith.objectives.gradients import squared_gradient_norm


def zero_centred_penalty(critic, x: Tensor, logits: Tensor) -> Tensor:
    """(N,), unweighted. Check: D(x) = <w, x> gives exactly ||w||^2."""
    return squared_gradient_norm(x, logits)


zero_centred = Penalty(zero_centred_penalty, at="between", factor=1.0)
