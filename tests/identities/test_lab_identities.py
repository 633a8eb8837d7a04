"""What the lab says about games is true: closed forms of densities, of the smallest GAN, of modes and their counts."""

import math

import numpy as np
import pytest
import torch

from gansmith.lab import densities, mixtures, rows
from gansmith.lab.alone import humps
from gansmith.lab.digits import MODES, StackReading
from gansmith.lab.dirac import Dirac, alternating, distance, simultaneous
from gansmith.lab.drawing import MARGIN_BOTTOM, MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, Paper
from gansmith.lab.experiments import dirac_eigenvalues, dirac_steps
from gansmith.lab.mixtures import Mixture, Reading
from gansmith.lab.plane_players import Octaves
from gansmith.lab.schedules import Falling, Held

NAN = math.nan


# --- rows


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        (rows.near("x", 1.0, 1.05, within=0.1), True),
        (rows.near("x", 1.0, 1.2, within=0.1), False),
        (rows.near("x", 1.0, NAN, within=0.1), False),
        (rows.relative("x", -200.0, -201.0, within=0.01), True),
        (rows.relative("x", -200.0, -203.0, within=0.01), False),
        (rows.digits("x", 0.640, 0.6402), True),
        (rows.digits("x", 0.64, 0.66), False),
        (rows.digits("x", 2.56e4, 2.61e4), True),
        (rows.between("x", 1.0, 0.9, 0.8, 1.2), True),
        (rows.between("x", 1.0, 1.3, 0.8, 1.2), False),
        (rows.numbers(rows.Row("x", 0.0, NAN, NAN, True)), False),
        (rows.numbers(rows.Row("x", 0.0, -0.0, 0.0, True)), True),
    ],
)
def test_a_row_holds_where_theory_and_measurement_agree(row, holds):
    assert row.holds is holds


def test_a_row_has_no_negative_zero():
    assert math.copysign(1, rows.numbers(rows.Row("x", -0.0, -0.0, -0.0, True)).measured) == 1


# --- densities


def test_divergences_at_their_ends():
    p = densities.gaussian()
    left = (densities.line() < 0).double()
    left, right = left / left.sum(), (1 - left) / (1 - left).sum()
    assert densities.kl(p, p) == 0 and densities.jensen_shannon(p, p) == 0
    assert densities.kl(left, right) == math.inf
    assert densities.jensen_shannon(left, right).item() == pytest.approx(math.log(2))


def test_divergences_of_two_gaussians():
    p, q, apart = densities.gaussian(), densities.gaussian(1.5), 1.5
    assert densities.kl(p, q).item() == pytest.approx(apart**2 / 2, rel=1e-6)
    assert densities.total_variation(p, q).item() == pytest.approx(math.erf(apart / math.sqrt(8)), rel=1e-5)
    assert densities.earth_mover(p, q, densities.line()).item() == pytest.approx(apart, rel=1e-6)
    assert densities.pearson(q, p).item() == pytest.approx(math.exp(apart**2) - 1, rel=1e-6)


def test_the_best_critic_is_right_as_often_as_can_be():
    p, q = densities.gaussian(), densities.gaussian(2.0)
    logits = densities.gaussian_logits(densities.line(), 2.0, 1.0)
    assert densities.accuracy(logits, p, q) == pytest.approx((1 + densities.total_variation(p, q).item()) / 2)


# --- the smallest GAN


@pytest.mark.parametrize("name", dirac_eigenvalues.GAMES)
def test_eigenvalues_are_those_of_the_table(name):
    game, theory = dirac_eigenvalues.GAMES[name]
    assert np.allclose(game.eigenvalues(), theory, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("decay", "larger"), [(0.0, 0.5j), (1.0, -0.5), (2.0, -1 + math.sqrt(3) / 2)])
def test_a_decaying_critic_in_closed_form(decay, larger):
    assert dirac_eigenvalues.penalised(decay)[0] == pytest.approx(larger)


@pytest.mark.parametrize("name", ["minimax", "non-saturating", "Wasserstein", "R1, gamma 0.3", "consensus, gamma 1"])
def test_distances_after_500_simultaneous_steps(name):
    game, theory = dirac_steps.GAMES[name]
    assert rows.digits(name, theory, distance(simultaneous(game.field, 500)[-1])).holds


def test_alternating_steps_come_home_by_the_root_of_the_time():
    away = [distance(point) for point in alternating(Dirac(objective="non-saturating"), 5000)]
    assert all(rows.digits("away", dirac_steps.ALTERNATING[at], away[at]).holds for at in (500, 5000))
    assert math.log10(away[5000] / away[500]) == pytest.approx(-0.5, abs=0.03)


# --- schedules, modes, digits


def test_a_falling_value_passes_its_geometric_mean():
    falling = Falling(0.1, 0.001)
    assert [falling(at) for at in (-1, 0, 0.5, 1, 2)] == pytest.approx([0.1, 0.1, 0.01, 0.001, 0.001])


def test_a_held_value_falls_late():
    held = Held(0.1, 0.001, 0.4)
    assert [held(at) for at in (0, 0.4, 0.7, 1)] == pytest.approx([0.1, 0.1, 0.01, 0.001])


@pytest.mark.parametrize("mixture", [mixtures.ring(), mixtures.grid(5), mixtures.grid(10)], ids=["ring", "25", "100"])
def test_perfect_samples_read_as_perfect(mixture):
    reading = Reading.of(mixture.sample(mixtures.SAMPLES, 0, "perfect"), mixture)
    assert reading.modes == len(mixture.centres)
    assert reading.within == pytest.approx(1 - math.exp(-4.5), abs=0.003)
    assert 0.8 < reading.narrowest < 1 < reading.widest < 1.2
    assert 0.7 < reading.rarest < 1 < reading.commonest < 1.3


def test_samples_in_one_place_read_as_one_mode():
    mixture = mixtures.grid(5)
    reading = Reading.of(mixture.centres[:1].repeat(1000, 1), mixture)
    assert (reading.modes, reading.within, reading.narrowest, reading.rarest) == (1, 1.0, 0.0, 0.0)
    assert reading.commonest == 25


def test_nine_samples_are_no_mode():
    mixture = Mixture(torch.zeros(1, 2), 1.0)
    assert [Reading.of(torch.zeros(count, 2), mixture).modes for count in (9, 10)] == [0, 1]


def test_octaves_double():
    seen = Octaves(2, width=2.0)(torch.tensor([[3.0]]))
    assert torch.allclose(seen[0], torch.tensor([3.0, math.sin(1.5), math.sin(3), math.cos(1.5), math.cos(3)]))
    assert Octaves(5)(torch.zeros(4, 2)).shape == (4, 2 * 11)


def test_humps_are_equally_frequent():
    drawn = humps((-2.0, 2.0), 0.1)(10_000, 0, "real", 0)
    assert drawn.shape == (10_000, 1)
    assert (drawn > 0).float().mean().item() == pytest.approx(0.5, abs=0.02)
    assert drawn.abs().std().item() == pytest.approx(0.1, rel=0.05)


def test_counts_of_stacked_digits():
    every = StackReading.of_counts(np.full(MODES, 26), 26 * MODES)
    assert (every.modes, every.sure) == (MODES, 1.0) and every.kl == pytest.approx(0, abs=1e-12)
    one = np.zeros(MODES, dtype=int)
    one[7] = 50
    assert StackReading.of_counts(one, 100) == StackReading(1, math.log(MODES), 0.5)
    assert StackReading.of_counts(0 * one, 100) == StackReading(0, math.log(MODES), 0.0)


# --- drawing


def test_the_ranges_end_at_the_edges_of_the_plot():
    paper = Paper((-1.0, 3.0), (0.0, 2.0), 400, 300)
    assert paper.x(np.array([-1.0, 3.0])).tolist() == [MARGIN_LEFT, 400 - MARGIN_RIGHT]
    assert paper.y(np.array([0.0, 2.0])).tolist() == [300 - MARGIN_BOTTOM, MARGIN_TOP]
