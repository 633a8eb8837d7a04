"""Whether a score differs from what as many real images get, when many scores are looked at together."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

from gansmith.metrics.interval import LEVEL, Estimate


@dataclass(frozen=True)
class Difference:
    """A score minus the floor.

    Attributes:
        estimate: its interval is wide enough for all the differences that were made together.
        beyond: whether the interval leaves out zero: more than the draw of the images can explain.
    """

    estimate: Estimate
    beyond: bool


def difference(ours: Estimate, floor: Estimate, among: int = 1, level: float = LEVEL) -> Difference:
    """One metric of generated images minus that of real ones, as many, both against the same real set.

    Both then have the same bias, so that the difference of images like real ones is zero in expectation.

    Args:
        ours: of the generated images.
        floor: of real images in their place, independent of them and of the same number.
        among: how many differences are looked at together.
        level: with which all of them hold (Bonferroni): each one has 1 - (1 - level) / among.
    Raises: ValueError: when ``among`` is below 1.
    Check: with among = 1 the normal interval of a difference; of many between equals, one in twenty sets of
        them has any beyond.
    Source: Dunn 1961, J. Am. Stat. Assoc. 56.
    """
    if among < 1:
        raise ValueError("a difference is one among at least one")
    error = hypot(ours.error, floor.error)
    estimate = Estimate.normal(ours.value - floor.value, error, 1 - (1 - level) / among)
    return Difference(estimate, not estimate.low <= 0 <= estimate.high)


def differences(
    ours: Mapping[str, Estimate], floor: Mapping[str, Estimate], level: float = LEVEL
) -> dict[str, Difference]:
    """Every metric that both have, widened so that all intervals together hold at ``level``."""
    both = [name for name in ours if name in floor]
    return {name: difference(ours[name], floor[name], len(both), level) for name in both}
