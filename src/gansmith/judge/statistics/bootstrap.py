"""Resampling raters and pictures at once.

Votes are neither one sample of raters nor one of pictures: a severe rater leaves many votes, and so does an odd
picture. So both are drawn anew, with replacement, and a vote counts as often as its rater times its picture were drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

RESAMPLES = 2000

Thing = TypeVar("Thing")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Weights:
    """How often each rater and each picture was drawn, for every resample.

    Attributes:
        raters: (B, R) float64, rows that sum to R; all ones where only pictures are drawn.
        items: for each pool of pictures, (B, I).
    """

    raters: np.ndarray
    items: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Three(Generic[Thing]):
    """The same resamples three times: of raters and pictures, of raters alone, of pictures alone."""

    both: Thing
    raters: Thing
    items: Thing

    def map(self, change: Callable[[Thing], Other]) -> "Three[Other]":
        """All three changed."""
        return Three(*map(change, self.each()))

    def each(self) -> tuple[Thing, Thing, Thing]:
        """Both, raters, items."""
        return self.both, self.raters, self.items


def resample(count: int, seed: int = 0, resamples: int = RESAMPLES) -> np.ndarray:
    """(B, count) multinomial weights, a function of the arguments alone. Check: every row sums to count."""
    return np.random.default_rng([seed, count]).multinomial(count, np.full(count, 1 / count), resamples).astype(float)


def resample_both(raters: int, items: tuple[int, ...], seed: int = 0, resamples: int = RESAMPLES) -> Three[Weights]:
    """Weights for R raters and pools of I pictures each, one pool independent of the next."""
    people = resample(raters, seed, resamples)
    pictures = tuple(resample(count, seed + 1 + pool, resamples) for pool, count in enumerate(items))
    same = np.ones((resamples, raters))
    unmoved = tuple(np.ones((resamples, count)) for count in items)
    return Three(Weights(people, pictures), Weights(people, unmoved), Weights(same, pictures))


def sums(table: np.ndarray, raters: np.ndarray, items: np.ndarray) -> np.ndarray:
    """(B,) sums of a table (R, I) where entry (r, i) counts raters[b, r] * items[b, i] times.

    Check: with weights of one it is the table's sum.
    """
    return ((raters @ table) * items).sum(1)


def shares(hits: np.ndarray, votes: np.ndarray, raters: np.ndarray, items: np.ndarray) -> np.ndarray:
    """(B,) weighted hits a vote, for tables (R, I) of counts; NaN where no vote was drawn."""
    total = sums(votes, raters, items)
    return np.divide(sums(hits, raters, items), total, out=np.full(len(total), np.nan), where=total > 0)
