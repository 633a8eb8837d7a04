"""Live progress: pace, time left, the current score."""

import time
from typing import Any

from gansmith.core.progress import Progress
from gansmith.core.turns import Observer, Step


class Display(Observer):
    """Tells a Progress how far training is, a few times a second.

    Args:
        progress: the listener.
        scoring: the observer that holds the latest score.
    """

    def __init__(self, progress: Progress, scoring: Any):
        self.progress, self.scoring = progress, scoring

    def on_start(self, trainer: Any) -> None:
        self.progress.start("training", trainer.plan.steps * trainer.plan.batch)
        self._shown, self._from, self._began = 0.0, trainer.images_seen, time.perf_counter()

    def after_step(self, trainer: Any, step: Step) -> None:
        now = time.perf_counter()
        if now - self._shown < 0.2:
            return
        pace = (trainer.images_seen - self._from) / (now - self._began)
        score = f", FD {self.scoring.latest['fd']:.0f}" if self.scoring.latest else ""
        self.progress.advance(trainer.images_seen, f"{pace:,.0f} images/s{score}")
        self._shown = now

    def on_end(self, trainer: Any) -> None:
        self.progress.advance(trainer.images_seen)
        self.progress.finish()
