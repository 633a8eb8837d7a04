"""Losses and penalties, one a file: formulas on tensors that return one value per sample."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import Tensor

from gansmith.core.registry import Registry

LOSSES = Registry("objective", "gansmith.objectives.losses", Path(__file__).parent / "losses")
PENALTIES = Registry("penalty", "gansmith.objectives.penalties", Path(__file__).parent / "penalties")


@dataclass(frozen=True)
class Objective:
    """Both sides of one two-player game, each to be minimised by its player.

    Args:
        critic: (real_logits (N,), fake_logits (N,)) -> (N,).
        generator: (real_logits (N,) or None, fake_logits (N,)) -> (N,).
        pairs_real: whether the generator's side reads the real logits.
    """

    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor | None, Tensor], Tensor]
    pairs_real: bool = False


@dataclass(frozen=True)
class Penalty:
    """A term on the critic and the images at which it is taken.

    Args:
        term: (critic, x (N, C, H, W) requiring grad, logits (N,)) -> (N,), unweighted.
        at: real images, fake ones, or both; at both, the two halves' values are added.
    """

    term: Callable[..., Tensor]
    at: Literal["real", "fake", "both"]
