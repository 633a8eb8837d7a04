"""What a game is made of (turns) and how others watch it (observers)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor


@dataclass
class Step:
    """One step of training, as every turn of it sees it.

    Attributes:
        index: steps done before this one.
        images_seen: real images shown before this step, over all ranks.
        progress: images_seen over the budget, in [0, 1).
        seed: the run's seed; draws name (seed, purpose, index).
        real: (N, C, H, W) float32 in [-1, 1].
        labels: (N,) int64, or None.
        cache: what one turn leaves for the next in this step, such as the fake batch.
        signals: named scalars worth logging, put there by ``note``.
    """

    index: int
    images_seen: int
    progress: float
    seed: int
    real: Tensor
    labels: Tensor | None = None
    cache: dict[str, Any] = field(default_factory=dict)
    signals: dict[str, Tensor] = field(default_factory=dict)

    def note(self, **signals: Tensor) -> None:
        """Keep scalars for the log, without their graphs."""
        self.signals.update({name: value.detach() for name, value in signals.items()})


@dataclass(frozen=True)
class Turn:
    """One player's move: minimise the mean of ``loss`` over that player's parameters.

    Args:
        player: the player's name in the game.
        loss: from the step to per-sample losses (N,). It reaches the networks only through the
            game's players, so that it can be called on functional parameters.
        every: play in steps whose index is a multiple of this.
    """

    player: str
    loss: Callable[[Step], Tensor]
    every: int = 1


@dataclass(frozen=True)
class Shown:
    """Fixed rows that a game is asked about all through a run; it is never trained on the held-out ones.

    Attributes:
        train, train_labels: (N, C, H, W) images that it is trained on, and (N,) or None.
        held, held_labels: as many that it is not; None where there are none.
        z, labels: what the generator is given: (N, latent) and (N,) or None, to draw from; where it translates,
            the pictures (N, C', H, W) and their noise (N, latent) or None.
        looks: real pictures that drawn ones are compared with, where they are not those of ``train``.
    """

    train: Tensor
    train_labels: Tensor | None
    held: Tensor | None
    held_labels: Tensor | None
    z: Tensor
    labels: Tensor | None
    looks: Tensor | None = None


class Game(Protocol):
    """Players and the order in which they move.

    Attributes:
        players: name -> module; every parameter of a player is trained by that player's turns only.
        turns: played in order within a step.
        shown: the generator, a player or a part of one, whose running average is kept, scored and shipped.
    """

    players: dict[str, torch.nn.Module]
    turns: list[Turn]
    shown: torch.nn.Module


@runtime_checkable
class Telling(Game, Protocol):
    """A game that can be asked how it stands."""

    def tell(self, shown: Shown) -> dict[str, Tensor]:
        """Named scalars that a diagnosis reads, from fixed rows; nothing is learned from them."""
        ...


class Observer:
    """Watches training from outside. It draws no randomness of the run's and changes no weight."""

    def on_start(self, trainer: Any) -> None:
        """Training starts or goes on."""

    def after_step(self, trainer: Any, step: Step) -> None:
        """A step has been played."""

    def rescue(self, trainer: Any, error: Exception) -> bool:
        """A step came to nothing, as a value was not finite; whether training may go on with the next."""
        return False

    def on_end(self, trainer: Any) -> None:
        """The budget is used up."""
