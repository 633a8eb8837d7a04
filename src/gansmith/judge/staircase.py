"""Timed exposure: how long the next picture is shown, and the threshold where a rater settles.

A right answer makes the next picture of the staircase shorter by 10 ms, a wrong one longer by 30 ms. Where the time
drifts no more, 10 p = 30 (1 - p): three answers of four are right (weighted up-down, Kaernbach 1991). Start, range,
steps and length are those of HYPE (Zhou et al. 2019, arXiv:1904.01121, section 3.1); its mode of the exposures is
replaced by a mean, which jumps less.
"""

from collections.abc import Iterable, Sequence

START_MS, LEAST_MS, MOST_MS = 500, 100, 1000
DOWN_MS, UP_MS = 10, 30
TRIALS = 150
FEWEST = 100
CHECK_MS = 300
MASKS, MASK_MS, CROSS_MS = 4, 30, 500


def next_exposure(right: Iterable[bool]) -> int:
    """Milliseconds for the next picture, after these answers of one staircase.

    Check: without answers 500; after one right one 490, after one wrong one 530; never outside 100 to 1,000.
    """
    exposure = START_MS
    for answer in right:
        exposure = min(MOST_MS, max(LEAST_MS, exposure + (-DOWN_MS if answer else UP_MS)))
    return exposure


def before_answer(exposure: float) -> float:
    """Milliseconds from the cross until an answer is possible."""
    return CROSS_MS + exposure + MASKS * MASK_MS


def threshold(exposures: Sequence[float]) -> float | None:
    """The mean exposure over the last half of a staircase, in ms; None for fewer than 100 trials: a short
    staircase is still on its way down.

    Check: a simulated rater who is right three times of four at 300 ms gets 300 within 25 ms on average.
    """
    if len(exposures) < FEWEST:
        return None
    last = exposures[len(exposures) // 2 :]
    return sum(last) / len(last)
