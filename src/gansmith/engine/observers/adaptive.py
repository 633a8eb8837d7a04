"""Adaptive augmentation: as much of it as keeps the critic from learning the training images by heart."""

from collections.abc import Sequence
from typing import Any, Protocol

from gansmith.core.turns import Observer, Step

TARGET = 0.6
READ_EVERY_IMAGES = 256
FULL_SWING_IMAGES = 500_000


class HasProbability(Protocol):
    """What is adapted."""

    probability: float


class Adaptive(Observer):
    """Raises the probability while the mean sign of the critic's verdict on real images exceeds 0.6.

    It moves by the images since the last reading over those of a full swing from 0 to 1: half a
    million, or a quarter of a smaller budget.

    Args:
        augments: whose ``probability`` is moved, alike in each lane.
        budget_images: of the run.
        log: told of the probability a hundred times a run.
    Source: Karras et al. 2020, arXiv:2006.06676, section 3.1.
    """

    def __init__(self, augments: Sequence[HasProbability], budget_images: int, log: Any):
        self.augments, self.log = augments, log
        self.swing_images = min(FULL_SWING_IMAGES, max(1, budget_images // 4))
        self.tell_every = max(READ_EVERY_IMAGES, budget_images // 100)
        self.signs, self.steps, self.read_at = 0.0, 0, 0

    @property
    def probability(self) -> float:
        """What is shown altered."""
        return self.augments[0].probability

    def _show(self, probability: float) -> None:
        for augment in self.augments:
            augment.probability = probability

    def state(self) -> dict[str, Any]:
        """The probability, and what was gathered since the last reading."""
        return {"probability": self.probability, "signs": self.signs, "steps": self.steps, "at": self.read_at}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take all of it up."""
        self._show(state["probability"])
        self.signs, self.steps, self.read_at = state["signs"], state["steps"], state["at"]

    def after_step(self, trainer: Any, step: Step) -> None:
        self.signs += float(step.signals["real_sign"])
        self.steps += 1
        seen = trainer.images_seen
        passed = seen - self.read_at
        if passed < READ_EVERY_IMAGES:
            return
        direction = 1 if self.signs / self.steps > TARGET else -1
        self._show(min(max(self.probability + direction * passed / self.swing_images, 0.0), 1.0))
        if self.read_at // self.tell_every != seen // self.tell_every:
            self.log.write("augment", seen, probability=round(self.probability, 4))
        self.signs, self.steps, self.read_at = 0.0, 0, seen
