"""Bradley-Terry: one strength for each contender, from who was preferred to whom."""

import numpy as np

HALF = 0.5
ROUNDS = 1000
CLOSE = 1e-9


def strengths(wins: np.ndarray) -> np.ndarray:
    r"""Log strengths with mean zero: P(a is preferred to b) = 1 / (1 + exp(s_b - s_a)).

    Half a vote is added each way to every pair that met, so that a contender that always won has a finite strength.
    The likelihood is climbed by the steps of Hunter 2004 (MM algorithms for generalized Bradley-Terry models).

    Args:
        wins: (..., C, C), wins[a, b] votes preferred a to b; the diagonal is not read.
    Returns: (..., C).
    Check: for two contenders s_a - s_b is log((wins[a, b] + 1/2) / (wins[b, a] + 1/2)); the expected wins of each
        contender equal those it has.
    Source: Bradley and Terry 1952.
    """
    count = wins.shape[-1]
    wins = np.where(np.eye(count, dtype=bool), 0.0, wins)
    met = (wins + np.swapaxes(wins, -1, -2)) > 0
    wins = wins + HALF * met
    games = wins + np.swapaxes(wins, -1, -2)
    won = wins.sum(-1)
    power = np.ones(wins.shape[:-1])
    for _ in range(ROUNDS):
        shared = power[..., :, None] + power[..., None, :]
        denominator = (games / shared).sum(-1)
        after = np.where(denominator > 0, won / np.where(denominator > 0, denominator, 1.0), power)
        after /= np.exp(np.log(after).mean(-1, keepdims=True))
        settled = np.abs(after - power).max() < CLOSE
        power = after
        if settled:
            break
    return np.log(power)


def preferred(log_strengths: np.ndarray) -> np.ndarray:
    """(..., C): how often each would be preferred to another contender, on average. Check: the mean is 1/2."""
    gaps = log_strengths[..., :, None] - log_strengths[..., None, :]
    chances = 1 / (1 + np.exp(-gaps))
    count = log_strengths.shape[-1]
    return (chances.sum(-1) - HALF) / (count - 1)
