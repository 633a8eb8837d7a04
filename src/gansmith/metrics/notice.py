"""Whether a score differs from what as many real images get, when many scores are looked at together.

``noticed`` is the rule; the card, the comparison of cards and the study of the metrics all use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

from gansmith.metrics.interval import LEVEL, Estimate, normal_reach

COUNTS = ("classes-lost",)  # their ends are those of no normal interval
UNJUDGED = ("usefulness-real",)  # it hangs on real images alone


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


def counted(ours: Estimate, floor: Estimate) -> Difference:
    """A count minus that of real ones, beyond where their ends do not meet.

    Each end holds at 95 % for all that it counts, and both must fail at once for a false notice: of two
    sets alike that is below one in a thousand, which the other differences need not make room for.

    Check: the difference of counts whose ends meet is not beyond.
    """
    low, high = ours.low - floor.high, ours.high - floor.low
    estimate = Estimate(ours.value - floor.value, (high - low) / (2 * normal_reach()), low, high)
    return Difference(estimate, not low <= 0 <= high)


def judged(name: str, ours: Estimate, floor: Estimate, among: int, level: float = LEVEL) -> Difference:
    """One score minus that of real ones, by the rule that its name asks for; else as ``difference``."""
    return counted(ours, floor) if _plain(name) in COUNTS else difference(ours, floor, among, level)


def noticed(
    ours: Mapping[str, Estimate], floor: Mapping[str, Estimate], level: float = LEVEL, times: int = 1
) -> dict[str, Difference]:
    """Every whole score that both have, widened so that all intervals together hold at ``level``.

    A class's own scores are left out: there may be hundreds, and the intervals of all would be wide for
    nothing. Counts are judged by their ends.

    Args:
        ours: by name: ``kid``, ``kid@hed``, ``class-kid/shoe``.
        floor: likewise.
        times: how many sets like ``ours`` are looked at together, such as several runs beside one.
    Check: of many sets alike one in twenty has any beyond; classes that are surely lost are noticed.
    """
    both = [name for name in ours if name in floor and judgeable(name)]
    among = times * sum(_plain(name) not in COUNTS for name in both)
    return {name: judged(name, ours[name], floor[name], max(1, among), level) for name in both}


def judgeable(name: str) -> bool:
    """Whether a score may be told from the floor's. Check: kid@timm:a/b is, class-kid/shoe is not."""
    return "/" not in name.partition("@")[0] and _plain(name) not in UNJUDGED


def _plain(name: str) -> str:
    return name.partition("@")[0]
