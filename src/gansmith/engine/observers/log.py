"""The metrics file: one JSON line at fixed image counts, truncated to the checkpoint on resume."""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from gansmith.core.files import append_jsonl
from gansmith.core.turns import Observer, Step


class Log(Observer):
    """Appends rows to metrics.jsonl: averages of the step's signals, pace, gradient norms.

    Args:
        path: the file.
        every_images: a row after each such count.
        readers: called with every row too.
    """

    def __init__(self, path: Path, every_images: int, readers: Sequence[Callable[[dict[str, Any]], None]] = ()):
        self.path, self.every_images, self.readers = path, every_images, readers
        self.seconds_before = 0.0
        self._began: float | None = None
        self._size: int | None = None
        self._sums: dict[str, torch.Tensor] = {}
        self._counts: Counter[str] = Counter()
        self._steps = 0

    def state(self) -> dict[str, Any]:
        """Where the file ends and how long training has taken so far."""
        return {"bytes": self.path.stat().st_size if self.path.exists() else 0, "seconds": self.seconds}

    def load_state(self, state: dict[str, Any]) -> None:
        """Cut off what a killed process wrote after its last checkpoint: it will be written again."""
        self.seconds_before = state["seconds"]
        if self.path.exists() and self.path.stat().st_size > state["bytes"]:
            os.truncate(self.path, state["bytes"])

    @property
    def seconds(self) -> float:
        """Seconds of training, over all sessions."""
        return self.seconds_before + (0.0 if self._began is None else time.perf_counter() - self._began)

    def write(self, kind: str, images: int, **row: Any) -> None:
        """One row, now."""
        row = {"kind": kind, "images": images, "seconds": round(self.seconds, 3)} | row
        append_jsonl(self.path, row)
        for read in self.readers:
            read(row)

    def on_start(self, trainer: Any) -> None:
        self._began = self._last = time.perf_counter()
        self._waited = trainer.batches.waited_seconds
        self._next = (trainer.images_seen // self.every_images + 1) * self.every_images

    def after_step(self, trainer: Any, step: Step) -> None:
        for name, value in step.signals.items():
            value = value.detach()
            self._sums[name] = self._sums[name] + value if name in self._sums else value.clone()
            self._counts[name] += 1
        self._steps += 1
        if trainer.images_seen >= self._next:
            self._next += self.every_images
            self._row(trainer, step)

    def _row(self, trainer: Any, step: Step) -> None:
        now = time.perf_counter()
        passed, waited = now - self._last, trainer.batches.waited_seconds - self._waited
        row = {name: round(float(value) / self._counts[name], 6) for name, value in self._sums.items()}
        for name, player in trainer.game.players.items():
            row[f"{name}_gradient"] = round(_gradient_norm(player), 6)
        row["rate"] = trainer.plan.rates[trainer.game.turns[-1].player](step.progress)
        pace = self._steps * trainer.plan.batch / passed
        self.write(
            "train",
            trainer.images_seen,
            step=trainer.index,
            images_per_second=round(pace, 1),
            wait_share=round(waited / passed, 5),
            **row,
        )
        self._last, self._waited, self._steps = now, trainer.batches.waited_seconds, 0
        self._sums, self._counts = {}, Counter()


@torch.no_grad()
def _gradient_norm(player: torch.nn.Module) -> float:
    gradients = [p.grad for p in player.parameters() if p.grad is not None]
    return float(torch.nn.utils.get_total_norm(gradients)) if gradients else 0.0
