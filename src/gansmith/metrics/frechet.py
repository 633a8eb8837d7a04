"""Fréchet distance of two feature sets, taken as Gaussians, and an interval for its expectation."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from gansmith.metrics._features import as_features, row_blocks, same_width
from gansmith.metrics._without_one import root_change
from gansmith.metrics.interval import Estimate

TINY = 1e-14


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and covariance of a feature set, all float64.

    Attributes:
        n: how many rows they come from (0: given, not measured).
        mean: (d,).
        root: (k, d) with root^T root = covariance. k = n when there are fewer rows than dimensions,
            which keeps everything below as small as the sample; else k = d.
    """

    n: int
    mean: Tensor
    root: Tensor

    @cached_property
    def covariance(self) -> Tensor:
        """(d, d), divided by n - 1."""
        return self.root.T @ self.root

    @cached_property
    def symmetric(self) -> Tensor:
        """(d, d), the symmetric root of the covariance."""
        return symmetric_root(self.covariance)

    @cached_property
    def trace(self) -> float:
        """The trace of the covariance."""
        return float(self.root.square().sum())


def moments(features: Any) -> Moments:
    """Mean and covariance (n - 1) of (n, d) features, in float64.

    Raises: InputError: for fewer than two rows, or numbers that are not finite.
    Check: root^T root equals numpy.cov.
    """
    x = as_features(features, "scored")
    mean = x.mean(0)
    centred = (x - mean) / (len(x) - 1) ** 0.5
    root = centred if len(x) <= x.shape[1] else symmetric_root(centred.T @ centred)
    return Moments(len(x), mean, root)


def gaussian(mean: Any, covariance: Any) -> Moments:
    """A Gaussian of given mean (d,) and covariance (d, d), for closed forms."""
    return Moments(0, torch.as_tensor(mean, dtype=torch.float64), symmetric_root(torch.as_tensor(covariance)))


def symmetric_root(matrix: Tensor) -> Tensor:
    """The symmetric positive semi-definite square root of (d, d), in float64; rounding below zero is cut.

    Check: root @ root == matrix.
    """
    values, vectors = torch.linalg.eigh(matrix.to(torch.float64))
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.T


def frechet_distance(a: Moments, b: Moments) -> float:
    r"""Squared Fréchet (2-Wasserstein) distance of two Gaussians.

    .. math:: \lVert \mu_a - \mu_b \rVert^2 + \mathrm{tr}(\Sigma_a + \Sigma_b - 2 (\Sigma_a \Sigma_b)^{1/2})

    With roots A and B of the covariances the last trace is the sum of the singular values of A B^T,
    found as the roots of the eigenvalues of its smaller Gram matrix: as many as the smaller of both
    samples and d, whichever route the moments took. Nothing is approximated.

    Raises: InputError: when the sets come from different extractors.
    Check: Gaussians with commuting covariances give |mu|^2 + sum (sqrt(a_i) - sqrt(b_i))^2.
    Source: Dowson and Landau 1982; Heusel et al. 2017, arXiv:1706.08500.
    """
    same_width(a.root, b.root)
    shared = torch.linalg.eigvalsh(_cross_gram(a, b)).clamp(min=0).sqrt().sum()
    apart = (a.mean - b.mean).square().sum()
    return max(0.0, float(apart + a.trace + b.trace - 2 * shared))


def _cross_gram(a: Moments, b: Moments) -> Tensor:
    """The smaller Gram matrix of A B^T."""
    small, large = (a, b) if len(a.root) <= len(b.root) else (b, a)
    if len(large.root) < large.root.shape[1]:
        cross = small.root @ large.root.T
        return cross @ cross.T
    return small.root @ large.covariance @ small.root.T


def frechet_estimate(features: Any, real: Moments, level: float = 0.95) -> Estimate:
    r"""The distance to a fixed real set, with an interval for its expectation at this sample size.

    What the interval holds is E[distance] of fresh samples of the same n from the same generator; it
    says nothing of the upward bias that a finite n brings. The standard error is the larger of those of
    the two jackknives, see ``influences``. With n near d the infinitesimal one is up to a seventh too
    small where the generated set is narrower than the real one, the other where its rows have heavy tails.

    Args:
        features: (n, d) of generated images.
        real: moments of the real ones.
        level: of the interval.
    Raises: InputError: as ``moments`` and ``frechet_distance``.
    Check: the error is the spread of fresh samples.
    Source: Efron 1982, The Jackknife, ch. 3 and 6.
    """
    x = as_features(features, "generated")
    ours = moments(x)
    value = frechet_distance(ours, real)
    error = float(influences(x, ours, real).var(0).max() / len(x)) ** 0.5
    return Estimate.normal(value, error, level, lowest=0.0)


def influences(x: Tensor, ours: Moments, real: Moments) -> Tensor:
    r"""(n, 2) what each row does to the distance: in an infinitesimal weight, and by being there at all.

    With m = mu_a - mu_b and T the optimal map from a to b, the derivative in a row's weight is

    .. math:: \phi(x) = 2 m \cdot (x - \mu_a) + (x - \mu_a)^\top (I - T) (x - \mu_a) - c

    and the second column is (n - 1) times what leaving the row out takes away. The variance of either
    over n is that of the distance. Where a set does not vary (a collapsed generator) T is zero.

    Args:
        x: (n, d) float64, the rows that ``ours`` are the moments of.
        ours: of the generated images.
        real: of the real ones.
    Check: phi has mean zero over the sample, and is the derivative of the distance in a row's weight; the
        second column equals computing the distance without each row.
    """
    n, root, apart = len(x), real.symmetric, ours.mean - real.mean
    values, vectors = torch.linalg.eigh(root @ ours.covariance @ root)
    kept = values > TINY * values.max().clamp(min=TINY)
    towards, values = root @ vectors[:, kept], values[kept]
    found = torch.empty(n, 2, dtype=torch.float64)
    for rows in row_blocks(n, x.shape[1]):
        centred = x[rows] - ours.mean
        squares, lengths, along = (centred @ towards).square(), centred.square().sum(1), centred @ apart
        found[rows, 0] = 2 * along + lengths - squares @ values.rsqrt()
        if n < 3:
            found[rows, 1] = found[rows, 0]
            continue
        # Without a row: mean - c / (n - 1); covariance, of n - 2, less n / (n - 1) c c^T before the division.
        change = root_change(values, squares * (n / (n - 1) ** 2))
        roots = ((n - 1) / (n - 2)) ** 0.5 * (values.sqrt().sum() + change)
        trace = ((n - 1) * ours.trace - n / (n - 1) * lengths) / (n - 2)
        found[rows, 1] = -(n - 1) * (lengths / (n - 1) ** 2 - 2 * along / (n - 1) + trace - 2 * roots)
    return found - found.mean(0)
