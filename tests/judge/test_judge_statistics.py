"""What votes amount to: closed forms, independent oracles, and simulations whose truth is known."""

import math
import random

import numpy as np
import pytest
from scipy import stats

from gansmith.core.seeds import derived_seed, shuffled
from gansmith.judge import staircase
from gansmith.judge.statistics.agreement import krippendorff_alpha, resampled_alpha
from gansmith.judge.statistics.bootstrap import resample, resample_both, shares, sums
from gansmith.judge.statistics.interval import Interval, as_share, one_way, student_reach, two_way, wilson
from gansmith.judge.statistics.needed import needed
from gansmith.judge.statistics.ranking import preferred, strengths
from gansmith.judge.statistics.screening import CHECKS, Answers, guesser_passes, verdict

# --- intervals


def crossed(rng, raters, items, each, rater_spread=0.0, item_spread=0.0, base=-0.5):
    """(R, I) hits and votes: each rater sees ``each`` pictures; log odds of a hit differ by rater and picture."""
    odds = base + rater_spread * rng.standard_normal(raters)[:, None] + item_spread * rng.standard_normal(items)
    votes = np.zeros((raters, items))
    for row in votes:
        row[rng.permutation(items)[:each]] = 1
    return (rng.random((raters, items)) < 1 / (1 + np.exp(-odds))) * votes, votes


def interval_of(hits, votes, seed=0, resamples=400):
    weights = resample_both(votes.shape[0], (votes.shape[1],), seed, resamples)
    resampled = weights.map(lambda one: shares(hits, votes, one.raters, one.items[0]))
    return two_way(float(hits.sum() / votes.sum()), resampled, *votes.shape)


@pytest.mark.parametrize(
    ("raters", "items", "each", "rater_spread", "item_spread", "base"),
    [
        (12, 60, 30, 0.6, 0.6, -0.5),
        (6, 60, 60, 0.8, 0.0, -0.5),
        (30, 20, 20, 0.2, 1.0, 0.0),
        (12, 60, 30, 0.5, 0.5, -3.5),
    ],
)
def test_the_interval_covers_the_truth(raters, items, each, rater_spread, item_spread, base):
    """About 19 times of 20, where raters differ, where pictures differ, and where errors are rare."""
    rng = np.random.default_rng(0)
    odds = base + math.hypot(rater_spread, item_spread) * rng.standard_normal(200_000)
    truth, covered = float(np.mean(1 / (1 + np.exp(-odds)))), 0
    for trial in range(80):
        hits, votes = crossed(rng, raters, items, each, rater_spread, item_spread, base)
        found = as_share(interval_of(hits, votes, trial, 200), int(votes.sum()))
        covered += found.low <= truth <= found.high
    assert covered / 80 >= 0.88


def test_without_differences_the_variance_is_that_of_single_votes():
    """Drawing raters and pictures at once would have three times as much."""
    rng = np.random.default_rng(1)
    ratio, naive = [], []
    for trial in range(25):
        hits, votes = crossed(rng, 20, 60, 15)
        p, n = hits.sum() / votes.sum(), votes.sum()
        weights = resample_both(20, (60,), trial, 400)
        both = shares(hits, votes, weights.both.raters, weights.both.items[0])
        ratio.append(interval_of(hits, votes, trial).variance / (p * (1 - p) / n))
        naive.append(both.var() / (p * (1 - p) / n))
    assert np.mean(ratio) == pytest.approx(1.2, abs=0.2) and np.mean(naive) > 2.4


def test_more_raters_do_not_lower_the_pictures_part():
    rng = np.random.default_rng(2)
    few, many = (interval_of(*crossed(rng, count, 25, 25, 0.0, 1.5, 0.0)) for count in (20, 200))
    assert many.fixed == pytest.approx(few.fixed, rel=0.6)
    assert many.fixed / many.variance > 0.85


def test_a_share_without_an_error_has_an_upper_end():
    assert wilson(0.0, 100) == pytest.approx((0.0, 0.037), abs=5e-4)
    assert wilson(0.5, 100) == pytest.approx((0.404, 0.596), abs=5e-4)
    none = as_share(Interval(0.0, 0.0, 0.0), 100)
    assert (none.low, none.high) == pytest.approx((0, 0.037), abs=5e-4) and none.variance > 0


@pytest.mark.parametrize("df", [2, 2.5, 3, 5, 10, 30, 1000])
def test_student(df):
    assert 1 - 1e-6 <= student_reach(df) / stats.t.ppf(0.975, df) < 1.05


def test_one_way():
    assert one_way(3.0, np.full(100, 3.0), 5) == Interval(3, 3, 3)
    values = np.random.default_rng(0).normal(10, 2, 8)
    found = one_way(float(values.mean()), resample(8) @ values / 8, 8)
    assert found.variance == pytest.approx(values.var(ddof=1) / 8, rel=0.1)


def test_weights_of_one_change_nothing():
    table = np.arange(12.0).reshape(3, 4)
    assert sums(table, np.ones((1, 3)), np.ones((1, 4))) == table.sum()
    weights = resample_both(3, (4, 5), resamples=50)
    assert (weights.both.raters.sum(1) == 3).all() and (weights.items.raters == 1).all()
    assert (weights.both.items[1].sum(1) == 5).all() and (weights.raters.items[0] == 1).all()
    assert np.isnan(shares(table, np.zeros((3, 4)), np.ones((1, 3)), np.ones((1, 4)))).all()


# --- how many votes are missing


def test_half_the_width_takes_four_times_the_raters():
    now = Interval(0.4, 0.3, 0.5, by_raters=(0.1 / 1.96) ** 2)
    assert needed(now, 0.1, 400, 50).raters == pytest.approx(1200, rel=0.01)
    assert needed(now, 0.1, 10, 50).raters < 30, "few raters pay for being few"
    assert needed(now, 0.1, 10, 50).votes == 50 * needed(now, 0.1, 10, 50).raters
    assert needed(now, 0.2, 10, 50).votes == 0
    part = (0.1 / 1.96) ** 2 / 10
    stuck = Interval(0.4, 0.3, 0.5, by_raters=part, by_pictures=9 * part, fixed=9 * part, pictures=1000)
    assert needed(stuck, 0.1, 10, 50).pictures and needed(stuck, 0.1, 10, 50).votes is None


@pytest.mark.parametrize("raters", [5, 10])
def test_what_is_said_to_be_needed_is_enough(raters):
    """Add the raters that are said to be missing, and the interval is about as wide as was asked for."""
    rng, widths = np.random.default_rng(3), []
    for trial in range(16):
        hits, votes = crossed(rng, raters, 200, 50, 0.4, 0.4)
        more = needed(as_share(interval_of(hits, votes), 50 * raters), 0.12, raters, 50).raters
        assert more is not None
        hits, votes = crossed(rng, raters + min(more, 60), 200, 50, 0.4, 0.4)
        found = as_share(interval_of(hits, votes, trial), int(votes.sum()))
        widths.append(found.high - found.low)
    assert 0.08 < np.median(widths) < 0.14


# --- agreement


def test_alpha_of_the_textbooks_example():
    """Krippendorff 2011, part C: four raters, twelve items, missing values."""
    raters = ["123321412...", "12332241" + "25.3", ".33323422" + "51.", "12332441" + "251."]
    counts = np.zeros((12, 5))
    for row in raters:
        for item, answer in enumerate(row):
            if answer != ".":
                counts[item, int(answer) - 1] += 1
    assert krippendorff_alpha(counts) == pytest.approx(0.743, abs=5e-4)
    assert resampled_alpha(counts, np.ones((1, 12)))[0] == pytest.approx(0.743, abs=5e-4)


def test_alpha_knows_perfection_chance_and_nothing():
    agree = np.array([[4, 0], [0, 3], [2, 0], [0, 1]])
    assert krippendorff_alpha(agree) == 1
    rng = np.random.default_rng(0)
    ones = rng.binomial(5, 0.3, 4000)
    assert krippendorff_alpha(np.stack([ones, 5 - ones], 1)) == pytest.approx(0, abs=0.02)
    assert math.isnan(krippendorff_alpha(np.array([[1, 0], [0, 1]])))
    assert math.isnan(krippendorff_alpha(np.array([[3, 0], [2, 0]])))


# --- ranking


def test_two_contenders_have_a_closed_form():
    wins = np.array([[0, 30], [12, 0]])
    found = strengths(wins)
    assert found[0] - found[1] == pytest.approx(math.log(30.5 / 12.5))
    assert found.sum() == pytest.approx(0)
    always = strengths(np.array([[0, 9], [0, 0]]))
    assert always[0] - always[1] == pytest.approx(math.log(9.5 / 0.5))


def test_the_likelihood_is_at_its_top():
    """Each contender has as many wins as its strength expects; a batch gives what its members give alone."""
    rng = np.random.default_rng(0)
    wins = rng.integers(0, 20, (6, 4, 4)).astype(float)
    found = strengths(wins)
    for one, s in zip(wins, found, strict=True):
        half = np.where(np.eye(4), 0, one + 0.5)
        chance_of = 1 / (1 + np.exp(s[None, :] - s[:, None]))
        expected = ((half + half.T) * chance_of * (1 - np.eye(4))).sum(1)
        assert expected == pytest.approx(half.sum(1), abs=1e-4)
        assert strengths(one) == pytest.approx(s, abs=1e-6)
    assert preferred(found).mean(1) == pytest.approx(0.5)


def test_strengths_are_found_again():
    rng, truth = np.random.default_rng(1), np.array([0.8, 0.1, -0.2, -0.7])
    wins = np.zeros((4, 4))
    for a in range(4):
        for b in range(a):
            wins[a, b] = rng.binomial(4000, 1 / (1 + np.exp(truth[b] - truth[a])))
            wins[b, a] = 4000 - wins[a, b]
    assert strengths(wins) == pytest.approx(truth, abs=0.05)


# --- who counts

SEEN, BLIND = np.ones(8, bool), np.array([1, 0, 1, 0, 0, 1, 1, 0], bool)
BROKEN, EITHER = np.ones(8, int), np.array([0, 1] * 4)
"""Checks alone: all are broken, that is "generated". In pairs: the good one is on either side."""


def answers(n=100, same=0.5, ms=900.0, right=None):
    given = (np.arange(n) >= n * same).astype(int)
    return given, np.full(n, ms), np.full(n, -1) if right is None else (np.arange(n) % 100 < 100 * right).astype(int)


def ruled(given, passed, check_right=BROKEN):
    checks = np.where(passed, check_right[: len(passed)], 1 - check_right[: len(passed)])
    return verdict(Answers(*given, checks, check_right))


@pytest.mark.parametrize("check_right", [BROKEN, EITHER])
def test_the_three_raters_are_told_apart(check_right):
    """By the rules alone, over many seeds: who looks, who guesses (evenly or leaning), who presses one key."""
    rng = np.random.default_rng(0)
    counts = {"looks": 0, "guesses": 0, "leans": 0, "one key": 0}
    for _ in range(400):
        times, unknown = rng.normal(900, 100, 100), np.full(100, -1)
        looks = rng.random(8) > 0.02
        counts["looks"] += ruled((rng.integers(0, 2, 100), times, unknown), looks, check_right).counts
        for kind, leaning in (("guesses", 0.5), ("leans", rng.uniform(0.6, 0.94))):
            given, checks = (rng.random(100) < leaning).astype(int), (rng.random(8) < leaning).astype(int)
            counts[kind] += not verdict(Answers(given, times, unknown, checks, check_right)).counts
        one_key = verdict(Answers(np.ones(100, int), times, unknown, np.ones(8, int), check_right))
        counts["one key"] += one_key.rule == "same-key"
    assert counts["looks"] >= 385 and counts["guesses"] >= 365 and counts["leans"] >= 360 and counts["one key"] == 400


@pytest.mark.parametrize(
    ("given", "checks", "rule"),
    [
        (answers(), SEEN, ""),
        (answers(), np.arange(8) > 0, ""),
        (answers(), BLIND, "failed-checks"),
        (answers(same=0.03), SEEN, "same-key"),
        (answers(15, same=0.0), SEEN, "same-key"),
        (answers(same=0.1), SEEN, "failed-checks"),
        (answers(same=0.96), SEEN, ""),
        (answers(same=0.96), ~SEEN, "same-key"),
        (answers(ms=100), SEEN, "too-fast"),
        (answers(ms=100, right=0.5), SEEN, "too-fast"),
        (answers(ms=230, right=0.5), SEEN, "too-fast"),
        (answers(ms=230, right=0.8), SEEN, ""),
        (answers(ms=230), SEEN, ""),
        (answers(9, ms=100), SEEN[:2], "unfinished"),
        (answers(10), SEEN[:3], "unfinished"),
        (answers(10), ~SEEN[:3], "failed-checks"),
        ((np.array([], int), np.array([]), np.array([], int)), SEEN[:0], "unfinished"),
    ],
)
def test_the_rules(given, checks, rule):
    found = ruled(given, checks)
    assert (found.rule, found.counts) == (rule, rule == "") and bool(found.why) == bool(rule)


def test_who_takes_everything_for_real_counts():
    """With a good generator that is an honest answer; what is plainly broken shows that the rater looks."""
    given = answers(same=1.0)
    assert ruled(given, SEEN).counts
    assert ruled(given, ~SEEN).rule == "same-key"


def test_a_coin_seldom_passes():
    for failed in range(CHECKS + 1):
        assert guesser_passes(CHECKS - failed, BROKEN) == pytest.approx(stats.binom.cdf(failed, CHECKS, 0.5))
        assert guesser_passes(CHECKS - failed, BROKEN, 0.9) == pytest.approx(stats.binom.cdf(failed, CHECKS, 0.1))
    assert guesser_passes(8, BROKEN) == 1 / 256 and guesser_passes(7, BROKEN) == 9 / 256
    assert guesser_passes(8, EITHER, 0.9) == pytest.approx(0.09**4) and guesser_passes(0, EITHER, 0.9) == 1


# --- orders and staircases


def test_orders_need_no_library():
    assert derived_seed(3, "order", 7) == 7353139687491058433  # for ever
    assert shuffled(range(9), 3, "order", 7) == [3, 6, 7, 5, 1, 2, 8, 0, 4]  # for ever
    first = np.bincount([shuffled(range(5), 0, "fair", step)[0] for step in range(2000)], minlength=5)
    assert stats.chisquare(first).pvalue > 1e-3


def test_a_staircase_moves_by_its_steps():
    assert staircase.next_exposure([]) == 500
    assert staircase.next_exposure([True]) == 490 and staircase.next_exposure([False]) == 530
    assert staircase.next_exposure([True] * 99) == 100 and staircase.next_exposure([False] * 99) == 1000
    assert staircase.UP_MS / (staircase.UP_MS + staircase.DOWN_MS) == 0.75
    assert staircase.threshold([500] * 99) is None and staircase.threshold([900] * 50 + [300] * 50) == 300


@pytest.mark.parametrize("truth", [200, 300, 500])
def test_a_staircase_settles_where_three_of_four_are_right(truth):
    rng, found = random.Random(truth), []
    for _ in range(30):
        right, exposures = [], []
        for _ in range(staircase.TRIALS):
            exposures.append(staircase.next_exposure(right))
            sees = 0.5 + 0.5 / (1 + math.exp((truth - exposures[-1]) / (truth / 5)))
            right.append(rng.random() < sees)
        found.append(staircase.threshold(exposures))
    assert np.mean(found) == pytest.approx(truth, abs=25)
