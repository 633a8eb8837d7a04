"""Where a penalty on the critic is taken, and what it is given there."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gansmith.core import randomness
from gansmith.core.turns import Step
from gansmith.objectives import Penalty

AROUND = 0.5  # of the real images' standard deviation, as in DRAGAN


@dataclass(frozen=True)
class Taken:
    """Images that the critic has judged already: x, its logits, and the purpose that its draws were named by."""

    x: Tensor
    logits: Tensor
    purpose: str


def penalty_at(
    penalty: Penalty,
    real: Tensor,
    fake: Tensor,
    taken: list[Taken],
    judge: Callable[[Tensor, str], Tensor],
    extra: Callable[[Tensor, str], list[Tensor]],
    step: Step,
) -> Tensor:
    """(N,): the term at the images it is taken at; the two halves of a term at both are added.

    Args:
        penalty: the term and its place.
        real, fake: what the critic has just judged.
        taken: the same, real and fake in one joint entry or in two, requiring grad.
        judge: (images, purpose) -> logits; equal purposes draw equally.
        extra: (images, purpose) -> what the term is given beside.
        step: names the draws.
    Source: Gulrajani et al. 2017, arXiv:1704.00028 (between); Kodali et al. 2017, arXiv:1705.07215 (around).
    """
    if penalty.at in ("between", "around"):
        move = _between if penalty.at == "between" else _around
        x = move(real.detach(), fake.detach(), step).requires_grad_()
        taken = [Taken(x, judge(x, "penalty"), "penalty")]
    elif len(taken) == 2 and penalty.at != "both":
        taken = [one for one in taken if one.purpose == penalty.at]
    values = [
        penalty.term(lambda x, p=one.purpose: judge(x, p), one.x, one.logits, *extra(one.x, one.purpose))
        for one in taken
    ]
    if taken[0].purpose != "joint":
        return torch.stack(values).sum(0)
    real_half, fake_half = values[0].chunk(2)
    return {"real": real_half, "fake": fake_half, "both": real_half + fake_half}[penalty.at]


def _uniform(shape: tuple[int, ...], like: Tensor, step: Step) -> Tensor:
    return randomness.uniform(shape, step.seed, "penalty-place", step.index).to(like.device, like.dtype)


def _between(real: Tensor, fake: Tensor, step: Step) -> Tensor:
    share = _uniform((len(real), *[1] * (real.ndim - 1)), real, step)
    return real + share * (fake - real)


def _around(real: Tensor, fake: Tensor, step: Step) -> Tensor:
    return real + AROUND * real.std() * _uniform(tuple(real.shape), real, step)
