"""Timed exposure: how long raters need to tell a contender's pictures from real ones three times of four."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from gansmith.judge.outcome import Outcome, widest
from gansmith.judge.staircase import LEAST_MS, MOST_MS, threshold
from gansmith.judge.statistics.bootstrap import resample
from gansmith.judge.statistics.interval import Interval, one_way
from gansmith.judge.study import Study
from gansmith.judge.votes import Vote

AT_THE_EDGE_MS = 25
OFF_MS, OFTEN_OFF = 25, 0.05


def thresholds(study: Study, votes: Sequence[Vote], raters: Sequence[int]) -> Outcome:
    """For each judged contender the mean threshold in ms, and how many raters stayed at the edges of the range.

    The interval is over raters alone: what a staircase shows hangs on all answers before, so pictures cannot be drawn
    anew. A rater counts with 100 trials of a staircase or more; with one rater there is no interval.
    ``pairs`` has the difference of every two contenders, for the raters who saw both.
    """
    scores, intervals, notes, all_settled = {}, [], _badly_shown(votes), {}
    for of in study.judged:
        name, own = study.names[of], [vote for vote in votes if vote.group == of]
        settled = np.array([threshold(_exposures(own, rater)) for rater in raters], float)  # NaN for None
        values = settled[np.isfinite(settled)]
        if not len(values):
            continue
        all_settled[name], interval = settled, mean_of(values)
        longest = int((values > MOST_MS - AT_THE_EDGE_MS).sum())
        shortest = int((values < LEAST_MS + AT_THE_EDGE_MS).sum())
        edges = {"raters": len(values), "at_the_longest": longest, "at_the_shortest": shortest}
        ends = {} if len(values) > 1 else {"low": None, "high": None}
        scores[name] = interval.as_dict() | ends | edges | {"votes": len(own)}
        intervals += [interval] * (len(values) > 1)
        notes += _at_the_edges(name, longest, shortest, len(values))
    return Outcome(scores, _differences(all_settled), widest(intervals), notes)


def _differences(settled: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Of every two contenders, over the raters who have a threshold for both."""
    duels: list[dict[str, Any]] = []
    for first, second in combinations(settled, 2):
        apart = settled[first] - settled[second]
        apart = apart[np.isfinite(apart)]
        if len(apart) > 1:
            duels.append({"first": first, "second": second} | mean_of(apart).as_dict() | {"raters": len(apart)})
    return duels


def _at_the_edges(name: str, longest: int, shortest: int, raters: int) -> list[str]:
    notes = []
    if longest:
        could_not = f"{longest} of {raters} raters could not tell within a second"
        notes.append(f"{name}: {could_not}; the threshold is a lower bound.")
    if shortest:
        could = f"{shortest} of {raters} raters could tell at the shortest exposure"
        notes.append(f"{name}: {could}; the threshold is an upper bound.")
    return notes


def mean_of(values: np.ndarray) -> Interval:
    """The mean over raters, and its interval. Check: of equal values it is that value."""
    resampled = resample(len(values)) @ values / len(values)
    return one_way(float(values.mean()), resampled, len(values))


def _exposures(votes: Sequence[Vote], rater: int) -> list[float]:
    return [vote.exposure_ms for vote in votes if vote.rater == rater and vote.exposure_ms is not None]


def _badly_shown(votes: Sequence[Vote]) -> list[str]:
    """Whether the raters' pages kept to the exposures, as they measured it themselves."""
    off = [abs(v.shown_ms - v.exposure_ms) > OFF_MS for v in votes if v.shown_ms is not None and v.exposure_ms]
    share = sum(off) / len(off) if off else 0.0
    return [f"{share:.0%} of the exposures were more than {OFF_MS} ms off."] if share > OFTEN_OFF else []
