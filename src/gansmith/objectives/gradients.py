"""The gradient of a critic's logits by its input, which the gradient penalties share."""

import torch
from torch import Tensor


def check_logits(x: Tensor, logits: Tensor) -> None:
    """Refuse anything but one logit per image: broadcasting would mix the rows in silence.

    Raises: ValueError: if the logits are not (N,).
    """
    if logits.shape != (len(x),):
        raise ValueError(f"logits must be ({len(x)},), one per image, not {tuple(logits.shape)}")


def input_gradient(x: Tensor, logits: Tensor) -> Tensor:
    r"""Per-sample gradient of the logits by the input, kept differentiable.

    .. math:: \nabla_x D(x)

    Rows must not influence each other (no batch statistics in the critic): then the gradient of the
    sum holds every row's own gradient.

    Args:
        x: (N, ...), requiring grad.
        logits: (N,), computed from x.
    Returns: (N, the numbers in one row of x).
    Raises: ValueError: if the logits are not (N,).
    """
    check_logits(x, logits)
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.flatten(1)


def squared_gradient_norm(x: Tensor, logits: Tensor) -> Tensor:
    r"""Per-sample squared norm of the logits' gradient.

    .. math:: \lVert \nabla_x D(x) \rVert_2^2

    Args, Raises: as in ``input_gradient``.
    Returns: (N,).
    Check: D(x) = <w, x> gives exactly ||w||^2.
    """
    return input_gradient(x, logits).square().sum(1)


def squared_distance_from_slope_one(x: Tensor, logits: Tensor) -> Tensor:
    r"""How far the slope is from 1, per sample.

    .. math:: (\lVert \nabla_x D(x) \rVert_2 - 1)^2

    Where the critic is flat the norm has no derivative and 0 is taken for it, so that the value is 1 and
    training goes on; the root of a sum of squares would give an infinite one, and NaN after it.

    Args, Raises: as in ``input_gradient``.
    Returns: (N,).
    Check: D(x) = <w, x> gives (||w|| - 1)^2, which is 0 where the slope is 1.
    """
    return (torch.linalg.vector_norm(input_gradient(x, logits), dim=1) - 1).square()
