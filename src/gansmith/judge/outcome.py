"""What one protocol's votes amount to, in the form that results share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gansmith.judge.statistics.interval import Interval


@dataclass(frozen=True)
class Outcome:
    """Scores as they go into results.json.

    Attributes:
        scores: contender's name -> ``value``, ``low``, ``high``, ``votes`` and what else the protocol knows.
        pairs: of two contenders, the share that preferred the first, or the difference of their values.
        widest: the widest of the intervals that a wanted width is about.
        notes: what should be known before the numbers are believed.
    """

    scores: dict[str, dict[str, Any]]
    pairs: list[dict[str, Any]] = field(default_factory=list)
    widest: Interval | None = None
    notes: list[str] = field(default_factory=list)


def widest(intervals: Sequence[Interval]) -> Interval | None:
    """The one with the largest distance from low to high."""
    return max(intervals, key=lambda one: one.high - one.low, default=None)
