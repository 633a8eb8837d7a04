"""The numbers that a diagnosis reads mean what they say."""

import numpy as np
import pytest
import torch
from torch import nn

from gansmith.diagnostics.pictures import look_of
from gansmith.diagnostics.sketch import LENGTH, Sketch
from gansmith.metrics.kinds import kinds_of, shares_over_real


def moved(module, by):
    other = nn.Linear(300, 7)
    with torch.no_grad():
        for mine, theirs, way in zip(other.parameters(), module.parameters(), by, strict=True):
            mine.copy_(theirs + way)
    return other


def test_a_sketch_keeps_lengths_and_products_of_movements():
    torch.manual_seed(0)
    module = nn.Linear(300, 7)
    sketch, ratios, angles = Sketch(module), [], []
    for _ in range(200):
        one, other = ([torch.randn_like(p) for p in module.parameters()] for _ in range(2))
        start = torch.tensor(sketch(module))
        first, second = (torch.tensor(sketch(moved(module, way))) - start for way in (one, other))
        ratios.append(float(first.square().sum() / sum(w.square().sum() for w in one)))
        angles.append(float(first @ second / (first.norm() * second.norm())))
    assert np.mean(ratios) == pytest.approx(1, abs=4 * np.std(ratios) / 200**0.5)
    assert np.std(ratios) == pytest.approx((2 / LENGTH) ** 0.5, rel=0.25)
    assert abs(np.mean(angles)) < 4 * LENGTH**-0.5 / 200**0.5


def test_equal_weights_have_equal_sketches():
    module = nn.Linear(5, 3)
    assert Sketch(module)(module) == Sketch(moved_nowhere := nn.Linear(5, 3))(module) and moved_nowhere is not module


def test_a_look_at_flat_noisy_and_chequered_pictures():
    flat = torch.full((6, 3, 16, 16), 0.25)
    assert look_of(flat)["variety"] == 0 and look_of(flat)["edges"] == 0
    assert look_of(flat)["mean"] == [0.25] * 3 and look_of(flat)["low"] == look_of(flat)["high"] == 0.25
    noise = torch.randn(64, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    assert look_of(noise)["grid"] == pytest.approx(1, rel=0.5)
    board = (torch.arange(16)[:, None] + torch.arange(16)) % 2 * 2.0 - 1
    assert look_of(noise + board)["grid"] > 20 * look_of(noise)["grid"]


def test_variety_is_the_distance_of_two_pictures():
    pictures = torch.randn(9, 2, 8, 8, generator=torch.Generator().manual_seed(1))
    apart = [(a - b).square().mean() for i, a in enumerate(pictures) for j, b in enumerate(pictures) if i != j]
    assert look_of(pictures)["variety"] == pytest.approx(float(torch.stack(apart).mean().sqrt()), rel=1e-5)


def test_points_have_no_edges_but_all_the_rest():
    points = torch.randn(500, 2, generator=torch.Generator().manual_seed(2)) * torch.tensor([1.0, 3.0])
    look = look_of(points)
    assert look.keys() == {"low", "high", "mean", "deviation", "variety"}
    assert look["deviation"] == pytest.approx([1, 3], rel=0.1)
    assert look["variety"] == pytest.approx((2 * (1 + 9) / 2) ** 0.5, rel=0.1)


def test_kinds_tell_heaps_apart_and_shares_count_them():
    rng = np.random.default_rng(0)
    true = np.repeat(np.arange(4), [40, 40, 40, 40])
    rows = torch.from_numpy(rng.normal(0, 0.1, (160, 3)) + 5 * np.eye(4)[:, :3][true])
    kinds = kinds_of(rows)
    assert torch.equal(kinds, kinds_of(rows))
    assert all(len(set(true[(kinds == kind).numpy()])) == 1 for kind in kinds.unique())
    shares = shares_over_real(torch.tensor([0, 0, 1, 1]), torch.tensor([0, 0, 1, 1, 2, 2]))
    assert shares == [1.5, 1.5, 0.0]
