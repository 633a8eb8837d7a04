"""Which raters count: those who look. Rules on one rater's answers, stated before any vote is seen."""

import math
from dataclasses import dataclass

import numpy as np

GUESSER_PASSES = 0.05
SAME_SHARE, SAME_FEWEST = 0.95, 20
HUMAN_MS, FAST_SHARE, FAST_FEWEST = 250.0, 0.1, 10
FEW_CHECKS, MANY_CHECKS, LONG = 5, 8, 40


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


def checks_in(trials: int) -> int:
    """How many attention checks go into so many trials: 8, and 5 in short ones."""
    return MANY_CHECKS if trials >= LONG else FEW_CHECKS


def guesser_passes(failed: int, checks: int) -> float:
    """The chance that a coin fails at most ``failed`` of ``checks``.

    Check: 0 of 5 is 1/32; 1 of 8 is 9/256; all of any is 1.
    """
    return sum(math.comb(checks, wrong) for wrong in range(failed + 1)) / 2**checks


def verdict(
    answers: np.ndarray, response_ms: np.ndarray, check_answers: np.ndarray, passed: np.ndarray, planned: int
) -> Verdict:
    """What the rules say of one rater.

    Args:
        answers: (n,) of 0 and 1, to what is judged, checks left out; by key, that is side.
        response_ms: (n,) from the picture's appearance to the answer.
        check_answers: (k,) of 0 and 1, to the attention checks.
        passed: (k,) bool, which of these were right.
        planned: checks in the whole session.
    Check: of simulated raters the truthful one counts, and so does who takes everything for real that is not plainly
        broken; who guesses fails the checks, who always presses the same key is same-key, and who answers within
        100 ms is too-fast.
    """
    if len(answers) >= SAME_FEWEST:
        key = int(np.mean(answers) >= 0.5)
        same, same_in_checks = np.mean(answers == key), np.all(check_answers == key)
        if same >= SAME_SHARE and same_in_checks:
            return Verdict(False, "same-key", f"{same:.0%} of {len(answers)} answers are the same key")
    if len(answers) >= FAST_FEWEST:
        fast = float(np.mean(response_ms < HUMAN_MS))
        if fast > FAST_SHARE:
            return Verdict(False, "too-fast", f"{fast:.0%} of the answers came within {HUMAN_MS:.0f} ms")
    failed = int((~passed).sum())
    if guesser_passes(failed, len(passed)) <= GUESSER_PASSES:
        return Verdict(True)
    if guesser_passes(failed, planned) <= GUESSER_PASSES:
        return Verdict(False, "unfinished", f"{len(passed)} of {planned} attention checks seen so far")
    return Verdict(False, "failed-checks", f"{failed} of {len(passed)} attention checks failed")
