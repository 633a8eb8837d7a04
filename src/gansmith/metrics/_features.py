"""What every metric asks of its features, and how it walks over them in bounded memory."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from gansmith.core.errors import InputError

BLOCK_VALUES = 4_000_000


def as_features(features: Any, name: str, at_least: int = 2) -> Tensor:
    """(n, d) float64 tensor of finite numbers.

    Args:
        features: (n, d) array or tensor of floats.
        name: what they are features of, for the message.
        at_least: the fewest rows that the metric is defined for.
    Raises: InputError: when they are not a matrix, too few, or hold NaN or infinities.
    """
    x = torch.as_tensor(features).detach().to("cpu", torch.float64)
    if x.ndim != 2 or x.shape[1] < 1:
        raise InputError(f"features of {name} images must be (n, d), not {tuple(x.shape)}")
    if x.shape[0] < at_least:
        raise InputError(f"{x.shape[0]} {name} image(s) are too few to score; this metric needs at least {at_least}")
    if not torch.isfinite(x).all():
        bad = int((~torch.isfinite(x)).any(1).sum())
        raise InputError(f"features of {bad} of {x.shape[0]} {name} images are not finite; the images are broken")
    return x


def same_width(x: Tensor, y: Tensor) -> None:
    """Raises: InputError: when two sets come from different extractors."""
    if x.shape[1] != y.shape[1]:
        raise InputError(f"features of {x.shape[1]} and {y.shape[1]} numbers cannot be compared; use one extractor")


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices over ``rows`` such that a block of slice x ``columns`` stays near 32 MB of float64."""
    step = max(1, BLOCK_VALUES // max(1, columns))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))
