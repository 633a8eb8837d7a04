"""Nearest neighbours among features: exact, in float64, in bounded memory."""

from typing import Any

import torch
from torch import Tensor

from gansmith.metrics._features import as_features, row_blocks

AT_ONCE = 4096


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """(n, m) squared distances in float64, never below zero."""
    cross = x @ y.T
    return cross.mul_(-2).add_(x.square().sum(1)[:, None]).add_(y.square().sum(1)).clamp_(min=0)


def squared_radii(features: Any, k: int) -> Tensor:
    """(n,) squared distance of every row to its k-th nearest other row.

    Raises: InputError: for fewer than k + 1 rows.
    """
    return nearest_others(as_features(features, "scored", k + 1), k)[0][:, -1]


def nearest_others(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k nearest other rows of every row, nearest first.

    Args:
        x: (n, d) float64, n > k.
    Returns: (n, k) squared distances and (n, k) rows. A copy of a row is another row.
    Check: equals a sort of all distances.
    """
    found, rows_of = torch.empty(len(x), k, dtype=torch.float64), torch.empty(len(x), k, dtype=torch.long)
    for rows in row_blocks(len(x), len(x)):
        distances = squared_distances(x[rows], x)
        distances[torch.arange(len(distances)), torch.arange(rows.start, rows.stop)] = torch.inf
        found[rows], rows_of[rows] = distances.topk(k, 1, largest=False)
    return found, rows_of


def nearest(x: Tensor, y: Tensor, k: int = 1, but: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The k rows of y nearest to every row of x, nearest first.

    Only blocks of y are held in float64, so that y may be a training set of any length.

    Args:
        x: (n, d) float64.
        y: (m, d) floats.
        k: at most m, or m - 1 with ``but``.
        but: (n,) the row of y that does not count for each row of x.
    Returns: (n, k) squared distances and (n, k) rows of y.
    Check: equals a sort of all distances, whatever the blocks.
    """
    found = torch.full((len(x), k), torch.inf, dtype=torch.float64)
    rows_of = torch.zeros(len(x), k, dtype=torch.long)
    for start in range(0, len(y), AT_ONCE):
        some = y[start : start + AT_ONCE].to(torch.float64)
        for rows in row_blocks(len(x), len(some)):
            distances = squared_distances(x[rows], some)
            if but is not None:
                inside = ((but[rows] >= start) & (but[rows] < start + len(some))).nonzero()[:, 0]
                distances[inside, but[rows][inside] - start] = torch.inf
            both = torch.cat([found[rows], distances], 1)
            names = torch.cat([rows_of[rows], torch.arange(start, start + len(some)).expand(len(distances), -1)], 1)
            found[rows], best = both.topk(k, 1, largest=False)
            rows_of[rows] = names.gather(1, best)
    return found, rows_of
