"""Randomness as a function of (seed, purpose, step), drawn on the CPU for every device alike.

A draw is made for the whole global batch; a rank takes its rows of it. So nothing depends on the
rank, on the clock or on who drew before, and resuming is a counter.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from gansmith.core.seeds import derived_seed

_place = threading.local()


@contextmanager
def rows_of(rank: int, ranks: int) -> Iterator[None]:
    """Within it, what this thread draws are the rank's rows of what all ranks draw together.

    Check: the draws of all ranks, one below the other, equal one draw of all rows.
    """
    before = getattr(_place, "taken", (0, 1))
    _place.taken = (rank, ranks)
    try:
        yield
    finally:
        _place.taken = before


def generator(seed: int, purpose: str, step: int = 0) -> torch.Generator:
    """A fresh CPU generator for one draw."""
    return torch.Generator().manual_seed(derived_seed(seed, purpose, step))


def normal(shape: tuple[int, ...], seed: int, purpose: str, step: int = 0) -> torch.Tensor:
    """Standard normal float32 of the given shape, rows first; a function of its arguments alone."""
    return _rows(torch.randn, shape, generator(seed, purpose, step))


def uniform(shape: tuple[int, ...], seed: int, purpose: str, step: int = 0) -> torch.Tensor:
    """Float32 uniform in [0, 1) of the given shape, rows first; a function of its arguments alone."""
    return _rows(torch.rand, shape, generator(seed, purpose, step))


def integers(high: int, count: int, seed: int, purpose: str, step: int = 0) -> torch.Tensor:
    """(count,) int64, uniform in [0, high), a function of the arguments alone."""
    return torch.randint(high, (count,), generator=generator(seed, purpose, step))


def _rows(draw: Callable[..., torch.Tensor], shape: tuple[int, ...], source: torch.Generator) -> torch.Tensor:
    rank, ranks = getattr(_place, "taken", (0, 1))
    rows = shape[0]
    return draw((rows * ranks, *shape[1:]), generator=source)[rank * rows : (rank + 1) * rows]
