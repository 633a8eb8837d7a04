"""Randomness as a function of (seed, purpose, step), drawn on the CPU for every device alike.

A draw is made for the whole global batch; a rank takes its rows of it. So nothing depends on the
rank, on the clock or on who drew before, and resuming is a counter.
"""

import hashlib

import torch


def derived_seed(seed: int, purpose: str, step: int = 0) -> int:
    """A 63-bit seed for one draw. Check: equal for equal arguments, different for different ones."""
    key = f"{seed}/{purpose}/{step}".encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") >> 1


def generator(seed: int, purpose: str, step: int = 0) -> torch.Generator:
    """A fresh CPU generator for one draw."""
    return torch.Generator().manual_seed(derived_seed(seed, purpose, step))


def normal(shape: tuple[int, ...], seed: int, purpose: str, step: int = 0) -> torch.Tensor:
    """Standard normal float32 of the given shape, a function of its arguments alone."""
    return torch.randn(shape, generator=generator(seed, purpose, step))


def integers(high: int, count: int, seed: int, purpose: str, step: int = 0) -> torch.Tensor:
    """(count,) int64, uniform in [0, high), a function of the arguments alone."""
    return torch.randint(high, (count,), generator=generator(seed, purpose, step))
