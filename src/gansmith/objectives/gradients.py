"""The gradient of a critic's logits by its input, which the gradient penalties share."""

import torch
from torch import Tensor


def squared_gradient_norm(x: Tensor, logits: Tensor) -> Tensor:
    r"""Per-sample squared norm of the logits' gradient, kept differentiable.

    .. math:: \lVert \nabla_x D(x) \rVert_2^2

    Rows must not influence each other (no batch statistics in the critic): then the gradient of the
    sum holds every row's own gradient.

    Args:
        x: (N, ...), requiring grad.
        logits: (N,), computed from x.
    Returns: (N,).
    Raises: ValueError: if the logits are not (N,).
    Check: D(x) = <w, x> gives exactly ||w||^2.
    """
    if logits.shape != (len(x),):
        raise ValueError(f"logits must be ({len(x)},), one per image, not {tuple(logits.shape)}")
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.square().flatten(1).sum(1)
