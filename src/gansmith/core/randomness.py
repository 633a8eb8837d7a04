"""Randomness as a function of (seed, purpose, step), drawn on the CPU for every device alike.

A draw is made for the whole global batch; a rank takes its rows of it. So nothing depends on the
rank, on the clock or on who drew before, and resuming is a counter.
"""

import torch

from gansmith.core.seeds import derived_seed


def generator(seed: int, purpose: str, step: int = 0) -> torch.Generator:
    """A fresh CPU generator for one draw."""
    return torch.Generator().manual_seed(derived_seed(seed, purpose, step))


def normal(shape: tuple[int, ...], seed: int, purpose: str, step: int = 0) -> torch.Tensor:
    """Standard normal float32 of the given shape, a function of its arguments alone."""
    return torch.randn(shape, generator=generator(seed, purpose, step))


def integers(high: int, count: int, seed: int, purpose: str, step: int = 0) -> torch.Tensor:
    """(count,) int64, uniform in [0, high), a function of the arguments alone."""
    return torch.randint(high, (count,), generator=generator(seed, purpose, step))
