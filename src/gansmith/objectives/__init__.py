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
        pairs_rows: whether row i of the real logits belongs to row i of the fake ones.
        reads_features: the generator's side takes the critic's features (N, F) in place of logits.
        lipschitz: the critic's side has no lower bound unless a penalty or a constraint on its
            weights bounds the critic's slope.
        sign_tells: a logit above 0 says real and one below says generated, as adaptive augmentation reads it.
    """

    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor | None, Tensor], Tensor]
    pairs_real: bool = False
    pairs_rows: bool = False
    reads_features: bool = False
    lipschitz: bool = False
    sign_tells: bool = True


@dataclass(frozen=True)
class Penalty:
    """A term on one player, where it is taken, and what it is given beside.

    Args:
        term: (player, x requiring grad, what the player made of x[, extra]) -> (N,), unweighted. The
            critic's x are images (N, C, H, W) and it made logits (N,); the generator's x are latents
            (N, Z) and it made images.
        at: real images; fake ones; both (the two halves' values are added); points drawn uniformly
            between a real and a fake one; or points around real ones, moved by half the real images'
            standard deviation times U(0, 1) noise. The generator's penalty is taken at "latents".
        extra: nothing; "noise" like the images, from N(0, I); or the same images "augmented".
        factor: the weight in the papers' own notation: 1/2 where they write gamma / 2, else 1.
        weight: the paper's usual weight; None where it hangs on the data.
        per_row: a row's value hangs on that row alone, so the critic must be without batch normalisation.
            (A critic that compares rows in groups moves it a little, which is borne.)
        fine: a small difference of logits, which rounding to bf16 would drown.
    """

    term: Callable[..., Tensor]
    at: Literal["real", "fake", "both", "between", "around", "latents"]
    extra: Literal["nothing", "noise", "augmented"] = "nothing"
    factor: float = 0.5
    weight: float | None = None
    per_row: bool = True
    fine: bool = False
