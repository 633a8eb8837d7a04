"""Pairs: who was preferred to whom, and one ranking of all."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gansmith.judge.outcome import Outcome, widest
from gansmith.judge.plan import pairs
from gansmith.judge.statistics.bootstrap import Three, Weights, resample_both, sums
from gansmith.judge.statistics.interval import Interval, as_share, drawn_together, two_way
from gansmith.judge.statistics.ranking import preferred, strengths
from gansmith.judge.study import Study
from gansmith.judge.votes import Vote


def preferences(study: Study, votes: Sequence[Vote], raters: Sequence[int]) -> Outcome:
    """For each contender, strongest first: its Bradley-Terry strength (log odds, the mean of all is 0), how often it
    would be ``preferred`` to another one, and the share of resamples in which it is ``first``. And every pair that met.

    Pictures are drawn anew by number, which all contenders share: what is resampled is the pair that was shown.
    Check: with two contenders, the strength of one is half the log odds of its wins.
    """
    table = wins(study, votes, raters)
    total, size = table.sum((2, 3)), table.shape[2:]
    drawn = resample_both(size[0], (size[1],)).map(lambda weights: _resampled(table, weights))
    fitted, log = drawn.map(strengths), strengths(total)
    first = _first(log, fitted, size)
    often, chances = preferred(log), fitted.map(preferred)
    scores: dict[str, dict[str, Any]] = {}
    for i in np.argsort(-log).tolist():
        votes_on = int(total[i].sum() + total[:, i].sum())
        strength = two_way(float(log[i]), fitted.map(lambda values, i=i: values[:, i]), *size)
        chance = two_way(float(often[i]), chances.map(lambda values, i=i: values[:, i]), *size)
        extra = {"preferred": as_share(chance, max(votes_on, 1)).as_dict(), "first": float(first[i])}
        scores[study.names[study.judged[i]]] = strength.as_dict() | extra | {"votes": votes_on}
    return _duels(study, scores, total, drawn, size)


def _first(log: np.ndarray, fitted: Three[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """(C,): the share of resamples in which a contender leads, each strength drawn as its interval says."""
    own = (drawn_together(log[i], fitted.map(lambda values, i=i: values[:, i]), *size) for i in range(len(log)))
    leads = np.stack([*own], 1).argmax(1)
    return np.bincount(leads, minlength=len(log)) / len(leads)


def _duels(
    study: Study,
    scores: dict[str, dict[str, Any]],
    total: np.ndarray,
    drawn: Three[np.ndarray],
    size: tuple[int, int],
) -> Outcome:
    duels: list[dict[str, Any]] = []
    intervals: list[Interval] = []
    notes: list[str] = []
    for a, b in pairs(study):
        i, j = study.judged.index(a), study.judged.index(b)
        met = int(total[i, j] + total[j, i])
        if not met:
            notes.append(f"{study.names[a]} and {study.names[b]} have not met yet.")
            continue
        share = two_way(float(total[i, j] / met), drawn.map(lambda won, i=i, j=j: _share(won, i, j)), *size)
        intervals.append(as_share(share, met))
        names = {"first": study.names[a], "second": study.names[b]}
        duels.append(names | intervals[-1].as_dict() | {"votes": met})
    return Outcome(scores, duels, widest(intervals), notes)


def wins(study: Study, votes: Sequence[Vote], raters: Sequence[int]) -> np.ndarray:
    """(C, C, R, I): how often a rater preferred contender a's picture of a number to contender b's."""
    rows = {rater: row for row, rater in enumerate(raters)}
    place = {of: index for index, of in enumerate(study.judged)}
    table = np.zeros((len(place), len(place), len(raters), study.numbers.each * study.numbers.blocks))
    for vote in votes:
        shown = [study.pictures[name] for name in (vote.first, vote.second)]
        won, lost = shown[vote.answer], shown[1 - vote.answer]
        table[place[won.of], place[lost.of], rows[vote.rater], won.number] += 1
    return table


def _resampled(table: np.ndarray, weights: Weights) -> np.ndarray:
    """(B, C, C) wins."""
    won = [[sums(cell, weights.raters, weights.items[0]) for cell in row] for row in table]
    return np.moveaxis(np.array(won), -1, 0)


def _share(won: np.ndarray, i: int, j: int) -> np.ndarray:
    games = won[:, i, j] + won[:, j, i]
    return np.divide(won[:, i, j], games, out=np.full(len(games), np.nan), where=games > 0)
