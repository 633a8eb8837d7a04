"""How fast this machine plays this game, measured before the budget is turned into images."""

import time
from collections.abc import Callable

import torch

from gansmith.engine.devices import processors
from gansmith.engine.trainer import Trainer

WARM_UP_STEPS = 4


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


def choose_threads(build: Callable[[], Trainer], seconds: float) -> tuple[int, dict[int, float]]:
    """The fastest of one thread and all processors, with the pace of each.

    Two threads beside another busy process can be many times slower than one, so this is measured,
    in turns, so that a passing disturbance does not decide.
    """
    counts = sorted({1, processors()})
    paces = dict.fromkeys(counts, 0.0)
    for _ in range(2 if len(counts) > 1 else 1):
        for count in counts:
            torch.set_num_threads(count)
            paces[count] = max(paces[count], measure_pace(build(), seconds / (2 * len(counts))))
    best = max(counts, key=lambda count: paces[count])
    torch.set_num_threads(best)
    return best, paces


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()
