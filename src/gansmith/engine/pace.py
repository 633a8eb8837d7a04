"""How fast this machine plays this game, measured before the budget is turned into images."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from gansmith.core.errors import InputError
from gansmith.core.pool import allow
from gansmith.engine.devices import processors
from gansmith.engine.trainer import Trainer

WARM_UP_STEPS = 4
# Beside another busy process two threads within layers went from 1,691 images/s to 111, two lanes from 1,604 to 973.
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
        allow(self.threads)

    def __str__(self) -> str:
        inside = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return inside if self.lanes == 1 else f"{inside} in {self.lanes} lanes"


def layouts(threads: int | None, lanes: int | None, rows: int, together: int) -> list[Layout]:
    """What is worth trying: one processor alone, all within each layer, and lanes of at least 16 rows.

    Lanes share all processors among them, or take one each where nobody asked for a number of threads.

    Args:
        threads, lanes: as asked for, or None.
        rows: of a step.
        together: rows that must not be parted.
    Raises: InputError: for lanes that do not part the rows equally.
    """
    most = threads or processors()
    if lanes:
        if rows % lanes or rows // lanes % together:
            raise InputError(f"{rows} images a step do not part into {lanes} equal lanes of groups of {together}")
        return [Layout(most, lanes)]
    parts = (n for n in range(most, 1, -1) if rows % n == 0 and rows // n % together == 0)
    parted = [n for n in parts if rows // n >= FEWEST_ROWS][:1]
    fewer = [] if threads else [Layout(), *(Layout(n, n) for n in parted)]
    return sorted({*fewer, Layout(most), *(Layout(most, n) for n in parted)})


def choose_layout(
    build: Callable[[Layout], Trainer], candidates: list[Layout], seconds: float
) -> tuple[Layout, dict[Layout, float]]:
    """The fastest of the candidates, with the pace of each.

    Two threads beside another busy process can be many times slower than one, so this is measured,
    in turns, so that a passing disturbance does not decide. And as company may come later, threads
    within layers are taken only where they are a good deal faster.
    """
    paces = dict.fromkeys(candidates, 0.0)
    for _ in range(2 if len(candidates) > 1 else 1):
        for layout in candidates:
            layout.take()
            paces[layout] = max(paces[layout], measure_pace(build(layout), seconds / (2 * len(candidates))))
    best = max(candidates, key=lambda layout: paces[layout] * (ALONE if layout.within > 1 else 1.0))
    best.take()
    return best, paces


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()
