"""Live progress: pace, time left, the current score."""

import time
from typing import Any

from gansmith.core.progress import Progress
from gansmith.core.turns import Observer, Step

SLOW = 0.8
SETTLED_SECONDS = 30.0


class Display(Observer):
    """Tells a Progress how far training is, a few times a second.

    Args:
        progress: the listener.
        scoring: the observer that holds the latest score.
        planned_pace: images per second that the budget was planned with; said once when training
            falls behind it by a fifth.
    """

    def __init__(self, progress: Progress, scoring: Any, planned_pace: float):
        self.progress, self.scoring, self.planned_pace = progress, scoring, planned_pace
        self._said = False

    def on_start(self, trainer: Any) -> None:
        self.progress.start("training", trainer.plan.steps * trainer.plan.batch)
        self._shown, self._from, self._began = 0.0, trainer.images_seen, time.perf_counter()

    def after_step(self, trainer: Any, step: Step) -> None:
        now = time.perf_counter()
        if now - self._shown < 0.2:
            return
        pace = (trainer.images_seen - self._from) / (now - self._began)
        self._warn(pace, now - self._began)
        score = f", FD {self.scoring.latest['fd']:.0f}" if self.scoring.latest else ""
        self.progress.advance(trainer.images_seen, f"{pace:,.0f} images/s{score}")
        self._shown = now

    def _warn(self, pace: float, passed: float) -> None:
        if self._said or passed < SETTLED_SECONDS or pace >= SLOW * self.planned_pace:
            return
        self._said = True
        self.progress.message(
            f"Slower than planned ({pace:,.0f} instead of {self.planned_pace:,.0f} images/s): something else is using "
            "this machine. The result will be the same, only later; Ctrl-C saves."
        )

    def on_end(self, trainer: Any) -> None:
        self.progress.advance(trainer.images_seen)
        self.progress.finish()
