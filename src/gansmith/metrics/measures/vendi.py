"""Vendi score: how many different images there seem to be, by the spread of the features alone."""

import math

import torch
from torch import Tensor
from torch.nn.functional import normalize

from gansmith.core.errors import InputError
from gansmith.metrics._without_one import entropy_change
from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric

TINY = 1e-14


def compute(evidence: Evidence) -> dict[str, Estimate]:
    r"""``vendi``, from 1 (all the same) to min(n, d); exact for any n, nothing is subsampled.

    With the rows scaled to length 1 and the kernel of cosines, K / n and the d x d matrix
    :math:`M = \sum_i x_i x_i^\top / n` have the same eigenvalues above zero, and

    .. math:: vendi = e^H, \quad H = -\sum_k \lambda_k \log \lambda_k

    The interval has the delete-one jackknife, from one decomposition. (The infinitesimal one is a
    quarter too narrow with n near d.)

    Check: n orthogonal rows give n, each repeated gives n again; the jackknife equals leaving out each row in
        turn.
    Source: Friedman and Dieng 2022, arXiv:2210.02410.
    """
    assert evidence.generated
    rows = evidence.generated.exact
    if not rows.any(1).all():
        raise InputError("some images have no features at all, so there is no angle between them; look at them")
    entropy, without = entropies(normalize(rows))
    return {"vendi": Estimate.jackknife(max(1.0, math.exp(entropy)), without.exp(), lowest=1.0)}


def entropies(x: Tensor) -> tuple[float, Tensor]:
    """H of (n, d) rows of length 1 in float64, n >= 2, and (n,) H without each of them."""
    n, d = x.shape
    if n < d:
        values, vectors = torch.linalg.eigh(x @ x.T / n)
        squares = vectors.square_().mul_(n * values)
    else:
        values, vectors = torch.linalg.eigh(x.T @ x / n)
        squares = (x @ vectors).square_()
    kept = values > TINY
    values, squares = values[kept], squares[:, kept] / n
    total, grown = float((values * values.log()).sum()), n / (n - 1)
    return -total, -grown * (total + entropy_change(values, squares)) - math.log(grown)


vendi = Metric(compute=compute, reads=("generated",), better={"vendi": "higher"})
