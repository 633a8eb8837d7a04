"""Improved precision and recall: the share of one set that lies on the other's manifold."""

from typing import Any

import torch
from torch import Tensor

from gansmith.metrics._features import as_features, row_blocks, same_width
from gansmith.metrics.interval import Estimate
from gansmith.metrics.neighbours import nearest_others, squared_distances, squared_radii

NEIGHBOUR = 3


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


def precision_recall_estimates(
    generated: Any, real: Any, real_radii: Tensor, k: int = NEIGHBOUR
) -> tuple[Estimate, Estimate]:
    """Precision with Wilson's interval, and recall with the delete-one jackknife over the generated rows.

    The real rows are held fixed, so that for precision the generated ones are independent. For recall: without
    row i the balls of the rows that had it among their k nearest grow to their next neighbour. So a real row is
    lost if i's ball alone held it and no grown ball does; and one that no ball held may be won.

    Args:
        generated: (n, d) features, n >= k + 2.
        real: (m, d) features.
        real_radii: ``squared_radii(real, k)``.
        k: the neighbour.
    Raises: InputError: for too few rows, different widths, or numbers that are not finite.
    Check: the values are those of ``precision_recall``; the jackknife equals leaving out each row in turn.
    """
    x, y = as_features(generated, "generated", k + 2), as_features(real, "real")
    same_width(x, y)
    reaches, neighbours = nearest_others(x, k + 1)
    radii, grown, neighbours = reaches[:, k - 1], reaches[:, k], neighbours[:, :k]
    held, change, precise = 0, torch.zeros(len(x), dtype=torch.float64), torch.zeros(len(x), dtype=torch.bool)
    for rows in row_blocks(len(y), len(x)):
        distances = squared_distances(y[rows], x)
        precise |= (distances <= real_radii[rows, None]).any(0)
        inside = distances <= radii
        count = inside.sum(1)
        held += int((count > 0).sum())
        if (few := count < 2).any():
            nearly = (distances[few] <= grown) & ~inside[few]
            change += _without_each(inside[few], nearly, neighbours)
    recall = Estimate.jackknife(held / len(y), (held + change) / len(y), lowest=0.0, highest=1.0)
    return Estimate.share(int(precise.sum()), len(x)), recall


def _without_each(inside: Tensor, nearly: Tensor, neighbours: Tensor) -> Tensor:
    """(n,) real rows won minus lost without each generated row.

    Args:
        inside: (r, n) whose balls hold each real row: one ball at most.
        nearly: (r, n) whose balls would, grown.
        neighbours: (n, k) the k nearest of each generated row: those without which its ball grows.
    """
    n = inside.shape[1]
    row, ball = nearly.nonzero(as_tuple=True)
    pairs = torch.unique(row[:, None] * n + neighbours[ball])  # real row, generated row without which it is held
    rescued, without = pairs // n, pairs % n
    alone = torch.where(inside.any(1), inside.int().argmax(1), -1)  # the one row whose ball holds it, or none
    won = torch.bincount(without[alone[rescued] < 0], minlength=n)
    lost = torch.bincount(alone[alone >= 0], minlength=n)
    kept = torch.bincount(without[alone[rescued] == without], minlength=n)
    return (won - lost + kept).double()
