"""Improved precision and recall: the share of one set that lies on the other's manifold."""

from typing import Any

import torch
from torch import Tensor

from gansmith.metrics._features import as_features, row_blocks, same_width

NEIGHBOUR = 3


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """(n, m) squared distances in float64, never below zero."""
    cross = x @ y.T
    return cross.mul_(-2).add_(x.square().sum(1)[:, None]).add_(y.square().sum(1)).clamp_(min=0)


def squared_radii(features: Any, k: int = NEIGHBOUR) -> Tensor:
    """(n,) squared distance of every row to its k-th nearest other row.

    Raises: InputError: for fewer than k + 1 rows.
    """
    x = as_features(features, "scored", k + 1)
    radii = torch.empty(len(x), dtype=torch.float64)
    for rows in row_blocks(len(x), len(x)):
        distances = squared_distances(x[rows], x)
        distances[torch.arange(len(distances)), torch.arange(rows.start, rows.stop)] = 0
        radii[rows] = distances.kthvalue(k + 1, 1).values
    return radii


def precision_recall(
    generated: Any, real: Any, k: int = NEIGHBOUR, known_real_radii: Tensor | None = None
) -> tuple[float, float]:
    r"""Improved precision and recall.

    The manifold of a set is the union of balls around its rows, each reaching to its row's k-th
    nearest neighbour. Precision is the share of generated rows on the real manifold, recall the share
    of real rows on the generated one. Both fall when a set is small; compare at equal n only.

    Args:
        generated: (n, d) features.
        real: (m, d) features.
        k: the neighbour, 3 as published.
        known_real_radii: ``squared_radii(real, k)``, when it is at hand.
    Returns: precision and recall, each in [0, 1].
    Raises: InputError: for fewer than k + 1 rows, different widths, or numbers that are not finite.
    Check: equals a brute-force double loop, ties excepted; a set against itself gives 1 and 1.
    Source: Kynkaanniemi et al. 2019, arXiv:1904.06991.
    """
    x, y = as_features(generated, "generated", k + 1), as_features(real, "real", k + 1)
    same_width(x, y)
    ours = squared_radii(x, k)
    theirs = squared_radii(y, k) if known_real_radii is None else known_real_radii
    precise, recalled = torch.zeros(len(x), dtype=torch.bool), torch.zeros(len(y), dtype=torch.bool)
    for rows in row_blocks(len(x), len(y)):
        distances = squared_distances(x[rows], y)
        precise[rows] = (distances <= theirs).any(1)
        recalled |= (distances <= ours[rows, None]).any(0)
    return float(precise.double().mean()), float(recalled.double().mean())
