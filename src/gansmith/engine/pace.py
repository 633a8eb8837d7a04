"""How fast this machine plays this game, measured before the budget is turned into images."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from gansmith.core import pool
from gansmith.core.errors import InputError
from gansmith.engine.devices import processors
from gansmith.engine.trainer import Trainer

WARM_UP_STEPS = 4
# Beside another busy process threads within layers lose most of their speed, lanes keep half of it or more (LOG.md).
ALONE = 0.85
FEWEST_ROWS = 16  # of a lane, whose batch statistics are its own


def measure_pace(trainer: Trainer, seconds: float) -> float:
    """Images per second of a trainer that is thrown away afterwards."""
    for _ in range(WARM_UP_STEPS):
        trainer.play()
    _synchronise(trainer.device)
    before, began = trainer.images_seen, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        for _ in range(4):
            trainer.play()
        _synchronise(trainer.device)
    passed = time.perf_counter() - began
    return (trainer.images_seen - before) / passed


@dataclass(frozen=True, order=True)
class Layout:
    """How a step is laid out over processors: equal parts of its rows beside one another, threads within each.

    Attributes:
        threads: in all.
        lanes: parts.
    """

    threads: int = 1
    lanes: int = 1

    @property
    def within(self) -> int:
        """Threads within each layer."""
        return max(1, self.threads // self.lanes)

    def take(self) -> None:
        """Give each lane its share of the threads; work on many items at a time may take them all."""
        torch.set_num_threads(self.within)
        pool.allow(self.threads)

    def __str__(self) -> str:
        inside = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return inside if self.lanes == 1 else f"{inside} in {self.lanes} lanes"


@contextmanager
def threads_given_back() -> Iterator[None]:
    """Whatever layout is taken within it, what comes after has as many threads as before."""
    within, allowed = torch.get_num_threads(), pool.thread_count()
    try:
        yield
    finally:
        torch.set_num_threads(within)
        pool.allow(allowed)


def lanes_for(rows: int, together: int, most: int) -> int:
    """Lanes by a rule, as they are part of the result: as many as processors, of equal parts of at least 16 rows.

    Args:
        rows: of a step.
        together: rows that must not be parted.
        most: processors that may be used.
    """
    parts = (n for n in range(most, 1, -1) if rows % n == 0 and rows // n % together == 0)
    return next((n for n in parts if rows // n >= FEWEST_ROWS), 1)


def layouts(threads: int | None, lanes: int | None, rows: int, together: int) -> list[Layout]:
    """What is worth trying: one thread, one for each lane, and all processors.

    Args:
        threads, lanes: as asked for, or None.
        rows, together: as in ``lanes_for``.
    Raises: InputError: for lanes that do not part the rows equally.
    """
    most = threads or processors()
    if lanes and (rows % lanes or rows // lanes % together):
        raise InputError(f"{rows} images a step do not part into {lanes} equal lanes of groups of {together}")
    lanes = lanes or lanes_for(rows, together, most)
    counts = {threads} if threads else {1, min(lanes, most), most}
    return [Layout(count, lanes) for count in sorted(counts)]


def choose_layout(
    build: Callable[[Layout], Trainer], candidates: list[Layout], seconds: float
) -> tuple[Layout, dict[Layout, float]]:
    """The fastest of the candidates, with the pace of each.

    Threads beside another busy process can be slower than one, so this is measured, in turns, so that
    a passing disturbance does not decide. And as company may come later, threads within layers are taken
    only where they are a good deal faster.
    """
    paces = dict.fromkeys(candidates, 0.0)
    turns = 2 if len(candidates) > 1 else 1
    for _ in range(turns):
        for layout in candidates:
            layout.take()
            paces[layout] = max(paces[layout], measure_pace(build(layout), seconds / (turns * len(candidates))))
    best = max(candidates, key=lambda layout: paces[layout] * (ALONE if layout.within > 1 else 1.0))
    best.take()
    return best, paces


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()
