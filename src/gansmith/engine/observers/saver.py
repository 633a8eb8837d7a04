"""Checkpoints while training goes on, so that a kill at any moment costs little."""

import time
from pathlib import Path
from typing import Any

from gansmith.core.turns import Observer, Step
from gansmith.engine import checkpoints


class Saver(Observer):
    """Saves by the clock, which changes nothing of the result, and once at the end.

    Args:
        folder: the run's checkpoints.
        stateful: observers whose state is part of the run, by name; they act before this one.
        every_seconds: at least this long between two; longer if saving takes over 1 % of it.
    """

    def __init__(self, folder: Path, stateful: dict[str, Any], every_seconds: float = 20.0):
        self.folder, self.stateful, self.every_seconds = folder, stateful, every_seconds

    def on_start(self, trainer: Any) -> None:
        self._due = time.perf_counter() + self.every_seconds / 4
        self._saved_at = -1

    def after_step(self, trainer: Any, step: Step) -> None:
        if time.perf_counter() >= self._due:
            self.save(trainer)

    def on_end(self, trainer: Any) -> None:
        if self._saved_at != trainer.index:
            self.save(trainer)

    def save(self, trainer: Any) -> None:
        """Write a checkpoint now.

        Raises: NonFinite: instead of saving weights that are lost; WorkError: the disk is full.
        """
        began = time.perf_counter()
        trainer.check_weights()
        tensors, numbers = trainer.state()
        for observer in self.stateful.values():
            tensors |= getattr(observer, "tensors", dict)()
        numbers["observers"] = {name: observer.state() for name, observer in self.stateful.items()}
        checkpoints.save(self.folder, tensors, numbers)
        self._saved_at = trainer.index
        ended = time.perf_counter()
        self._due = ended + max(self.every_seconds, 100 * (ended - began))
