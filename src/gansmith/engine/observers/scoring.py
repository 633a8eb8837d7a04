"""The score in the loop: the latest generator that is as good as the best so far, by the choose split, is kept."""

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from gansmith.core.turns import Observer, Step
from gansmith.engine.drawing import Painter, draw

SCORED_IMAGES = 1000
# Scores of a thousand images hardly tell late weights apart, and the latest of them are the best (LOG.md).
AS_GOOD = 1.03


class Scoring(Observer):
    """Scores the running average at fixed image counts, and hands on what is to be kept.

    Args:
        marks: image counts, rising.
        score: (n, H, W, C) uint8 -> a row with "fd" (lower is better); None: nothing is scored.
        painter: gives the generator and the latents.
        keep: called with each generator whose score is at most 3 % above the best so far: of those that score alike
            the last is kept; without a score or with ``choose=False``, the last one.
        log: told of each score.
        choose: whether the score decides what is kept.
    """

    def __init__(
        self,
        marks: list[int],
        score: Callable[[np.ndarray], dict[str, Any]] | None,
        painter: Painter,
        keep: Callable[[nn.Module], None],
        log: Any,
        choose: bool = True,
    ):
        self.marks, self.score, self.painter, self.keep, self.log = marks, score, painter, keep, log
        self.choose = choose and score is not None
        self.latents = painter.latents(SCORED_IMAGES, "score")
        self.best: float | None = None
        self.latest: dict[str, Any] = {}
        self.kept_at = -1

    def state(self) -> dict[str, Any]:
        """The best score so far."""
        return {"best": self.best}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up the best score."""
        self.best = state["best"]

    def on_start(self, trainer: Any) -> None:
        self._left = [mark for mark in self.marks if mark > trainer.images_seen]

    def after_step(self, trainer: Any, step: Step) -> None:
        if self._left and trainer.images_seen >= self._left[0]:
            self._left = [mark for mark in self._left if mark > trainer.images_seen]
            self._measure(trainer)

    def on_end(self, trainer: Any) -> None:
        if self.best is None and (trainer.done or trainer.stop_requested):
            self.keep(self.painter.settled(trainer.average))

    def _measure(self, trainer: Any) -> None:
        if self.score is None:
            return
        generator = self.painter.settled(trainer.average)
        row = self.score(draw(generator, self.latents))
        better = self.choose and (self.best is None or row["fd"] < AS_GOOD * self.best)
        self.log.write("score", trainer.images_seen, split="choose", best=better, **row)
        self.latest = row
        if better:
            self.best = row["fd"] if self.best is None else min(self.best, row["fd"])
            self.kept_at = trainer.images_seen
            self.keep(generator)
