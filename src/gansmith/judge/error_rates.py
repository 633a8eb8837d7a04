"""One picture at a time, no limit: how often raters are wrong about what is real.

A contender's value is that of HYPE-infinity: the mean of the share of its pictures that were called real and the share
of real pictures that were called generated. One half: nobody can tell. More: its pictures look more real than real.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gansmith.judge.outcome import Outcome, widest
from gansmith.judge.plan import IS_GENERATED, IS_REAL
from gansmith.judge.statistics.bootstrap import Three, Weights, resample_both, shares
from gansmith.judge.statistics.interval import Interval, as_share, two_way
from gansmith.judge.study import REAL, Study
from gansmith.judge.votes import Vote


@dataclass(frozen=True)
class Table:
    """Votes on one contender's pictures: (R, I) counts of errors and of votes."""

    wrong: np.ndarray
    votes: np.ndarray

    @property
    def total(self) -> int:
        return int(self.votes.sum())

    @property
    def share(self) -> float:
        return float(self.wrong.sum() / self.votes.sum())


def error_rates(study: Study, votes: Sequence[Vote], raters: Sequence[int]) -> Outcome:
    """For each judged contender the error rate, ``called_real`` (of its pictures) and ``real_missed``.

    ``pairs`` has the difference of every two.
    Check: raters who are always right give 0, who always press the same key 1/2, who are always wrong 1.
    """
    known = tables(study, votes, raters)
    if REAL not in known:
        return Outcome({})
    places = list(known)
    weights = resample_both(len(raters), tuple(known[of].votes.shape[1] for of in places))
    resampled = {of: weights.map(lambda one, of=of: _resampled(known[of], one, places.index(of))) for of in known}
    real = _share(known[REAL], resampled[REAL])
    scores, errors = {}, []
    for of in study.judged:
        if of in known:
            errors.append(_mean(known[of], known[REAL], resampled[of], resampled[REAL]))
            parts = {"called_real": _share(known[of], resampled[of]).as_dict(), "real_missed": real.as_dict()}
            scores[study.names[of]] = errors[-1].as_dict() | parts | {"votes": known[of].total}
    duels = [
        {"first": study.names[a], "second": study.names[b]}
        | _difference(known[a], known[b], resampled[a], resampled[b]).as_dict()
        | {"votes": known[a].total + known[b].total}
        for a, b in combinations([of for of in study.judged if of in known], 2)
    ]
    return Outcome(scores, duels, widest(errors))


def tables(study: Study, votes: Sequence[Vote], raters: Sequence[int]) -> dict[int, Table]:
    """By contender, the real data included; those without votes are left out."""
    rows = {rater: row for row, rater in enumerate(raters)}
    found: dict[int, Table] = {}
    for of in (REAL, *study.judged):
        size = 1 + max(p.number for p in study.pictures.values() if p.of == of and p.use == "main")
        found[of] = Table(np.zeros((len(raters), size)), np.zeros((len(raters), size)))
    for vote in votes:
        picture = study.pictures[vote.first]
        truth = IS_REAL if picture.of == REAL else IS_GENERATED
        place = rows[vote.rater], picture.number
        found[picture.of].wrong[place] += vote.answer != truth
        found[picture.of].votes[place] += 1
    return {of: table for of, table in found.items() if table.total}


def _resampled(table: Table, weights: Weights, pool: int) -> np.ndarray:
    return shares(table.wrong, table.votes, weights.raters, weights.items[pool])


def _share(table: Table, resampled: Three[np.ndarray]) -> Interval:
    return as_share(two_way(table.share, resampled, *table.votes.shape), table.total)


def _difference(one: Table, other: Table, resampled: Three[np.ndarray], others: Three[np.ndarray]) -> Interval:
    """Of two error rates, for the same raters. Half that of their shares: the real pictures are the same."""
    both = Three(*((a - b) / 2 for a, b in zip(resampled.each(), others.each())))
    pictures = one.votes.shape[1] + other.votes.shape[1]
    return two_way((one.share - other.share) / 2, both, len(one.votes), pictures)


def _mean(mine: Table, real: Table, my_resampled: Three[np.ndarray], real_resampled: Three[np.ndarray]) -> Interval:
    both = Three(*((m + r) / 2 for m, r in zip(my_resampled.each(), real_resampled.each())))
    pictures = mine.votes.shape[1] + real.votes.shape[1]
    interval = two_way((mine.share + real.share) / 2, both, len(mine.votes), pictures)
    return as_share(interval, mine.total + real.total)
