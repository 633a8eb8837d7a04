"""Which raters count: those who look. Rules on one rater's answers, stated before any vote is seen."""

from dataclasses import dataclass

import numpy as np

CHECKS = 8
GUESSER_PASSES = 0.1
SAME_SHARE, SAME_FEWEST = 0.95, 10
FAST_FEWEST = 10
FAST_MS, FAST_SHARE = 250.0, 0.1
FASTEST_MS, FASTEST_SHARE = 200.0, 0.25
CHANCE, CHANCE_FEWEST = 0.2, 5
EVEN = 10
"""So many answers, half of them 1, are added before a leaning is believed; few answers lean by chance."""


@dataclass(frozen=True)
class Verdict:
    """Whether a rater's votes count.

    Attributes:
        counts: yes or no.
        rule: "", "unfinished", "failed-checks", "same-key" or "too-fast".
        why: in words, with the numbers.
    """

    counts: bool
    rule: str = ""
    why: str = ""


@dataclass(frozen=True)
class Answers:
    """What one rater said.

    Attributes:
        given: (n,) of 0 and 1, to what is judged, checks left out.
        response_ms: (n,) from when an answer was possible.
        right: (n,) of 0 and 1, and -1 where nobody knows.
        checks: (k,) of 0 and 1, to the attention checks seen so far.
        check_right: the right answers of all checks of the session, seen or not, in order.
    """

    given: np.ndarray
    response_ms: np.ndarray
    right: np.ndarray
    checks: np.ndarray
    check_right: np.ndarray


def guesser_passes(passed: int, right: np.ndarray, leaning: float = 0.5) -> float:
    """The chance that somebody who does not look passes so many checks or more.

    Args:
        right: of 0 and 1, the answers that pass.
        leaning: how often that person says 1.
    Check: 8 of 8 is 1/256 for a coin, 7 of 8 is 9/256, none is 1; 8 of 8 that are all "generated" is 0.43 for who says
        so nine times of ten.
    """
    chances = np.ones(1)  # of 0, 1, 2, ... hits
    for one in np.where(right == 1, leaning, 1 - leaning):
        chances = np.convolve(chances, [1 - one, one])
    return float(chances[passed:].sum())


def verdict(said: Answers) -> Verdict:
    """What the rules say of one rater.

    Check: of simulated raters the truthful one counts, and so does who takes everything for real that is not plainly
        broken, and who is brisk and right; who guesses, evenly or leaning to one answer, fails the checks, who always
        presses the same key is same-key, and who answers within 100 ms is too-fast.
    """
    return _same_key(said) or _too_fast(said) or _checks(said)


def _same_key(said: Answers) -> Verdict | None:
    if len(said.given) < SAME_FEWEST:
        return None
    key = int(np.mean(said.given) >= 0.5)
    same = float(np.mean(said.given == key))
    if same < SAME_SHARE or not np.all(said.checks == key):
        return None
    return Verdict(False, "same-key", f"{same:.0%} of {len(said.given)} answers are the same key")


def _too_fast(said: Answers) -> Verdict | None:
    """Who answers so fast has not looked, unless the fast answers are right more often than a coin's.

    Where nobody knows what is right, one answer of four must come within 200 ms.
    """
    if len(said.given) < FAST_FEWEST:
        return None
    known = said.right[(said.response_ms < FAST_MS) & (said.right >= 0)]
    coin = guesser_passes(int(known.sum()), np.ones(len(known)))
    if coin <= CHANCE:
        return None
    limits = [(FASTEST_MS, FASTEST_SHARE)] + [(FAST_MS, FAST_SHARE)] * (len(known) >= CHANCE_FEWEST)
    for ms, most in limits:
        fast = float(np.mean(said.response_ms < ms))
        if fast > most:
            return Verdict(False, "too-fast", f"{fast:.0%} of the answers came within {ms:.0f} ms")
    return None


def _checks(said: Answers) -> Verdict:
    """Neither a coin passes as many, nor somebody who leans to an answer as this rater does."""
    seen, planned = len(said.checks), len(said.check_right)
    leaning = float((said.given.sum() + EVEN / 2) / (len(said.given) + EVEN))
    passed = int((said.checks == said.check_right[:seen]).sum())

    def guessed(passed: int, right: np.ndarray) -> float:
        return max(guesser_passes(passed, right), guesser_passes(passed, right, leaning))

    if guessed(passed, said.check_right[:seen]) <= GUESSER_PASSES:
        return Verdict(True)
    if seen < planned and guessed(passed + planned - seen, said.check_right) <= GUESSER_PASSES:
        return Verdict(False, "unfinished", f"{seen} of {planned} attention checks seen so far")
    share = max(said.given.mean(), 1 - said.given.mean()) if len(said.given) else 0.5
    why = f"{passed} of {seen} attention checks passed, as by chance when {share:.0%} of all answers are the same"
    return Verdict(False, "failed-checks", why)
