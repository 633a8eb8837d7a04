"""Kernel inception distance: unbiased at every sample size, with an interval for its expectation."""

from typing import Any

import torch
from torch import Tensor

from gansmith.metrics._features import as_features, row_blocks, same_width
from gansmith.metrics.interval import Estimate


def kernel_sums(x: Tensor, y: Tensor) -> Tensor:
    """(n,) sums over the rows y_j of (x_i . y_j / d + 1)^3, for x (n, d) and y (m, d) in float64."""
    sums = torch.empty(len(x), dtype=torch.float64)
    for rows in row_blocks(len(x), len(y)):
        kernel = (x[rows] @ y.T).div_(x.shape[1]).add_(1)
        sums[rows] = kernel.square().mul_(kernel).sum(1)
    return sums


def sums_over_others(x: Tensor) -> Tensor:
    """(n,) sums of the kernel over the other rows of the same set."""
    return kernel_sums(x, x) - (x.square().sum(1) / x.shape[1] + 1) ** 3


def real_term(real: Any) -> float:
    """Mean kernel between two different real images: the part of KID that no generator changes."""
    y = as_features(real, "real")
    return float(sums_over_others(y).sum()) / (len(y) * (len(y) - 1))


def kid(features: Any, real: Any, known_real_term: float | None = None, level: float = 0.95) -> Estimate:
    r"""The unbiased squared maximum mean discrepancy with k(x, y) = (x . y / d + 1)^3.

    .. math:: \frac{\sum_{i \ne j} k(x_i, x_j)}{n (n-1)} + \frac{\sum_{i \ne j} k(y_i, y_j)}{m (m-1)}
              - \frac{2 \sum_{ij} k(x_i, y_j)}{n m}

    All pairs are used (one full subset), so it can be below zero. The interval is that of the
    delete-one jackknife over the generated rows, the real set held fixed: exact here, since leaving a
    row out of the sums needs no second pass.

    Args:
        features: (n, d) of generated images.
        real: (m, d) of real images.
        known_real_term: ``real_term(real)``, when it is at hand.
        level: of the interval.
    Raises: InputError: for fewer than three generated or two real rows, or numbers that are not finite.
    Check: equals a double loop over pairs; the jackknife equals leaving out each row in turn.
    Source: Binkowski et al. 2018, arXiv:1801.01401.
    """
    x, y = as_features(features, "generated", 3), as_features(real, "real")
    same_width(x, y)
    fixed = real_term(y) if known_real_term is None else known_real_term
    within, between = sums_over_others(x), kernel_sums(x, y)
    n, m = len(x), len(y)
    value = float(within.sum() / (n * (n - 1)) - 2 * between.sum() / (n * m)) + fixed
    without = (within.sum() - 2 * within) / ((n - 1) * (n - 2)) - 2 * (between.sum() - between) / ((n - 1) * m)
    error = float((n - 1) ** 2 / n * without.var()) ** 0.5
    return Estimate.normal(value, error, level)
