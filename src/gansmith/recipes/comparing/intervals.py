"""Intervals over seeds: Student's t, for one mean, for paired differences, and for two groups.

Source: Student 1908; Welch 1947. The distribution for whole degrees of freedom is Abramowitz and
Stegun 1964, 26.7.3 and 26.7.4.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist, fmean, variance

from gansmith.metrics.interval import Estimate

LEVEL = 0.95


def share_within(angle: float, df: int) -> float:
    """P(|T| < t) of Student's t with ``df`` degrees of freedom, where t = sqrt(df) tan(angle).

    Check: equals scipy.stats.t.
    """
    square, odd = math.cos(angle) ** 2, df % 2
    term = (math.cos(angle) if odd else 1.0) if df > 1 else 0.0
    total = term
    for k in range(2 + odd, df - 1, 2):
        term *= (k - 1) / k * square
        total += term
    return 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total


def t_reach(df: int, level: float = LEVEL) -> float:
    """How many standard errors a two-sided interval reaches each way.

    Check: 12.706 with 1 degree of freedom, 4.303 with 2, towards 1.960 with many.
    """
    if df < 1:
        raise ValueError("an interval needs at least one degree of freedom")
    low, high = 0.0, math.pi / 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if share_within(middle, df) < level else (low, middle)
    return math.sqrt(df) * math.tan((low + high) / 2)


def of_mean(values: Sequence[float], level: float = LEVEL) -> Estimate:
    """The mean of n >= 2 values, with n - 1 degrees of freedom."""
    error = math.sqrt(variance(values) / len(values))
    return _around(fmean(values), error, t_reach(len(values) - 1, level))


def of_paired(ours: Mapping[int, float], theirs: Mapping[int, float], level: float = LEVEL) -> Estimate:
    """Ours minus theirs over the seeds that both have, two or more."""
    return of_mean([ours[seed] - theirs[seed] for seed in sorted(ours.keys() & theirs.keys())], level)


def of_groups(ours: Sequence[float], theirs: Sequence[float], level: float = LEVEL) -> Estimate:
    """Ours minus theirs, two or more each, unpaired; degrees of freedom after Welch, rounded down."""
    parts = [(variance(group) / len(group), len(group) - 1) for group in (ours, theirs)]
    total = sum(part for part, _ in parts)
    spread = sum(part**2 / df for part, df in parts)
    df = total**2 / spread if spread else sum(df for _, df in parts)
    return _around(fmean(ours) - fmean(theirs), math.sqrt(total), t_reach(max(1, math.floor(df + 1e-9)), level))


def of_two_scores(ours: Estimate, theirs: Estimate) -> Estimate:
    """Ours minus theirs, one run each: from the errors of the scores, which know nothing of other seeds."""
    return Estimate.normal(ours.value - theirs.value, math.hypot(ours.error, theirs.error), LEVEL)


def of_score(value: float, high: float) -> Estimate:
    """A run's own score as it was written: its error follows from the upper end, since the lower may be cut."""
    error = (high - value) / NormalDist().inv_cdf((1 + LEVEL) / 2)
    return Estimate.normal(value, error, LEVEL)


def _around(value: float, error: float, reach: float) -> Estimate:
    return Estimate(value, error, value - reach * error, value + reach * error)
