"""Schedules: values as functions of progress, the share of the budget's images already seen."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Cosine:
    """Half a cosine from ``start`` at progress 0 to ``end`` at progress 1; constant where they are equal.

    Check: the value at 0 is start, at 1 is end, at 1/2 their mean.
    """

    start: float
    end: float

    def __call__(self, progress: float) -> float:
        share = (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0))) / 2
        return self.end + (self.start - self.end) * share


def constant(value: float) -> Cosine:
    """A schedule that stays at ``value``."""
    return Cosine(value, value)
