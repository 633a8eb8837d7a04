"""The metrics against independent oracles: scipy's matrix root, NumPy double loops."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gansmith.metrics.frechet import frechet_distance, moments
from gansmith.metrics.kid import kid
from gansmith.metrics.precision_recall import precision_recall


def pair(n: int, m: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    mix = rng.normal(size=(d, d))
    return rng.normal(size=(n, d)) @ mix, np.abs(rng.normal(size=(m, d))) @ mix + 0.2


@pytest.mark.parametrize(("n", "m", "d"), [(200, 300, 24), (20, 300, 24), (20, 15, 24)])
def test_fd_equals_scipys_matrix_root(n, m, d):
    x, y = pair(n, m, d)
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(a + b - 2 * sqrtm(a @ b).real)
    tolerance = 1e-9 if min(n, m) > d else 1e-5  # the root of a singular product is itself inexact
    assert frechet_distance(moments(x), moments(y)) == pytest.approx(expected, rel=tolerance)


def test_kid_equals_a_double_loop():
    x, y = pair(19, 23, 7)

    def kernel(a, b):
        return (sum(p * q for p, q in zip(a, b, strict=True)) / 7 + 1) ** 3

    def within(s):
        pairs = [kernel(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j]
        return sum(pairs) / len(pairs)

    expected = within(x) + within(y) - 2 * np.mean([[kernel(a, b) for b in y] for a in x])
    assert kid(x, y).value == pytest.approx(expected, rel=1e-9)


def test_precision_and_recall_equal_a_double_loop():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(70, 5)) + 1.2, rng.normal(size=(60, 5))

    def radius(i, manifold):
        return sorted(np.linalg.norm(manifold[i] - b) for j, b in enumerate(manifold) if j != i)[2]

    def share_on_manifold(points, manifold):
        balls = [(centre, radius(i, manifold)) for i, centre in enumerate(manifold)]
        return np.mean([any(np.linalg.norm(p - centre) <= reach for centre, reach in balls) for p in points])

    expected = share_on_manifold(x, y), share_on_manifold(y, x)
    assert 0 < expected[0] < 1 and 0 < expected[1] < 1
    assert precision_recall(x, y) == pytest.approx(expected)


def test_blocks_do_not_change_the_results(monkeypatch):
    x, y = pair(70, 60, 5)
    whole = kid(x, y), precision_recall(x, y)
    monkeypatch.setattr("gansmith.metrics._features.BLOCK_VALUES", 500)
    assert kid(x, y).value == pytest.approx(whole[0].value, rel=1e-12)
    assert precision_recall(x, y) == whole[1]
