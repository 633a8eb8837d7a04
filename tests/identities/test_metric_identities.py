"""Closed forms and identities of the metrics."""

import numpy as np
import pytest
import torch

from gansmith.metrics import frechet
from gansmith.metrics.frechet import Moments, frechet_distance, frechet_estimate, gaussian, influences, moments
from gansmith.metrics.interval import Estimate
from gansmith.metrics.kid import kid, real_term
from gansmith.metrics.neighbours import squared_radii
from gansmith.metrics.precision_recall import NEIGHBOUR, precision_recall


def drawn(n: int, d: int, seed: int = 0, shift: float = 0.0) -> np.ndarray:
    """Correlated, skewed features with a falling spectrum, as a network gives."""
    rng = np.random.default_rng(seed)
    mix = np.random.default_rng(99).normal(size=(d, d)) * np.geomspace(1, 0.03, d)[:, None]
    return np.maximum(rng.normal(size=(n, d)) @ mix + shift, -0.5)


def rotation(d: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(5).normal(size=(d, d)))[0]


def test_fd_of_commuting_gaussians_is_the_closed_form():
    d, turn = 40, rotation(40)
    a, b = np.geomspace(1e-3, 30, d), np.linspace(5, 0.1, d)
    shift = np.linspace(-1, 1, d)
    got = frechet_distance(gaussian(shift, turn * a @ turn.T), gaussian(np.zeros(d), turn * b @ turn.T))
    assert got == pytest.approx((shift**2).sum() + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum(), rel=1e-8)


def test_fd_of_one_dimension_is_the_closed_form():
    assert frechet_distance(gaussian([1.0], [[4.0]]), gaussian([3.0], [[9.0]])) == pytest.approx(4 + 1, rel=1e-8)


def test_fd_is_symmetric_and_zero_for_the_same_set():
    a, b = moments(drawn(300, 20)), moments(drawn(200, 20, 1, 0.3))
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-10)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-8)
    few = moments(drawn(15, 60))
    assert frechet_distance(few, few) == pytest.approx(0, abs=1e-5 * few.trace)


def test_moments_divide_by_n_minus_one():
    x = drawn(30, 8)
    for few in (x, x[:6]):
        got = moments(few)
        np.testing.assert_allclose(got.covariance, np.cov(few, rowvar=False), atol=1e-12)
        assert got.trace == pytest.approx(np.trace(np.cov(few, rowvar=False)))


@pytest.mark.parametrize(("n", "m"), [(30, 400), (30, 50), (50, 30), (400, 30), (80, 79)])
def test_the_low_rank_route_equals_the_full_one(n, m):
    d = 80
    a, b = moments(drawn(n, d)), moments(drawn(m, d, 1, 0.2))
    full = [Moments(x.n, x.mean, frechet.symmetric_root(x.covariance)) for x in (a, b)]
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(*full), rel=1e-6)


def test_the_influence_of_a_row_is_the_derivative_in_its_weight():
    x, real = drawn(300, 12), moments(drawn(400, 12, 1, 0.3))
    ours = moments(x)
    phi = influences(torch.as_tensor(x), ours, real)[:, 0]
    assert float(phi.mean()) == pytest.approx(0, abs=1e-12)
    for row in (0, 17):
        step = 1e-5
        weights = np.full(300, (1 - step) / 300)
        weights[row] += step
        mean = weights @ x
        covariance = (x - mean).T * weights @ (x - mean) * 300 / 299
        moved = frechet_distance(gaussian(mean, covariance), real)
        assert float(phi[row]) == pytest.approx((moved - frechet_distance(ours, real)) / step, rel=2e-2, abs=1e-3)


def test_fd_error_is_the_spread_of_fresh_samples():
    real = moments(drawn(2000, 16, 7, 0.2))
    fresh = [frechet_estimate(drawn(300, 16, 100 + i), real) for i in range(120)]
    values, errors = np.array([[e.value, e.error] for e in fresh]).T
    assert np.median(errors) == pytest.approx(values.std(), rel=0.2)
    held = np.mean([e.low <= values.mean() <= e.high for e in fresh])
    assert 0.88 <= held <= 1


def test_kid_error_is_the_spread_of_fresh_samples():
    real = drawn(1000, 16, 7, 0.2)
    known = real_term(real)
    fresh = [kid(drawn(300, 16, 100 + i), real, known) for i in range(120)]
    values, errors = np.array([[e.value, e.error] for e in fresh]).T
    assert np.median(errors) == pytest.approx(values.std(), rel=0.2)


def test_kid_is_unbiased_between_equal_distributions():
    values = [kid(drawn(60, 6, 2 * i), drawn(60, 6, 2 * i + 1)).value for i in range(60)]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(len(values))


def test_the_jackknife_of_kid_leaves_out_each_row_in_turn():
    x, y = drawn(25, 5), drawn(30, 5, 1, 0.3)
    without = np.array([kid(np.delete(x, i, 0), y).value for i in range(25)])
    expected = np.sqrt(24 / 25 * ((without - without.mean()) ** 2).sum())
    assert kid(x, y).error == pytest.approx(expected, rel=1e-9)


def test_precision_and_recall_at_the_ends():
    x = drawn(50, 6)
    assert precision_recall(x, x) == (1.0, 1.0)
    assert precision_recall(x + 1000, x) == (0.0, 0.0)
    narrow = x[:1] + 1e-6 * drawn(50, 6, 1)
    precision, recall = precision_recall(narrow, x)
    assert precision == 1.0 and recall <= 0.02
    assert precision_recall(narrow, x, known_real_radii=squared_radii(x, NEIGHBOUR)) == (precision, recall)


def test_the_normal_interval_is_1_96_errors_wide():
    estimate = Estimate.normal(10.0, 1.0)
    assert (estimate.low, estimate.high) == pytest.approx((8.040036, 11.959964))
    assert Estimate.normal(1.0, 5.0, lowest=0.0).low == 0.0
