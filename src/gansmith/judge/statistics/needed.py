"""How many votes an interval of the wanted width still needs."""

from dataclasses import dataclass

from gansmith.judge.statistics.interval import Interval

MOST = 10_000
"""Raters; who needs more needs other pictures."""


@dataclass(frozen=True)
class Needed:
    """What is missing.

    Attributes:
        votes: more votes, None where no number of raters is enough.
        raters: more raters, likewise.
        pictures: whether more pictures are needed first.
    """

    votes: int | None
    raters: int | None
    pictures: bool


def needed(interval: Interval, width: float, raters: int, votes_each: int) -> Needed:
    """More raters bring more votes on the same pictures, which lowers all of the variance but the pictures' part.

    Args:
        interval: of the value.
        width: wanted, from low to high.
        raters: that count so far, two or more. From fewer than five the variances are hardly known.
        votes_each: votes of one rater.
    Check: without a pictures' part and with many raters, half the width takes four times as many; an interval that is
        narrow enough needs none; studies that go on for so long have about that width.
    """
    if interval.high - interval.low <= width:
        return Needed(0, 0, False)
    now = (interval.high - interval.low) / interval.reach(raters)

    def width_with(count: int) -> float:
        return now * interval.reach(count, count / raters)

    if width_with(MOST) > width:
        return Needed(None, None, True)
    low, high = raters, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if width_with(middle) <= width else (middle, high)
    return Needed((high - raters) * votes_each, high - raters, False)
