"""What holds an answer to its truth or to its input, checked against closed forms."""

import math

import numpy as np
import pytest
import torch

from gansmith.games.following import follows, hidden
from gansmith.games.unpaired import History
from gansmith.metrics.perceptual import psnr, ssim
from gansmith.objectives.contrast import contrast
from gansmith.objectives.faithful import reconstruction, spread_weight
from gansmith.objectives.patches import over_patches


def test_the_mean_of_two_answers_and_their_spread_are_the_truths():
    """Over truths from N(1, 0.5^2): the gradient in the answers' mean and spread is 0 there and nowhere near."""
    generator = torch.Generator().manual_seed(0)
    truth = 1 + 0.5 * torch.randn(1, 1, 1, 2**22, generator=generator, dtype=torch.double)
    noise = [torch.randn(1, 1, 1, 2**22, generator=generator, dtype=torch.double) for _ in range(2)]

    def slope(mean, spread):
        at = torch.tensor([mean, spread], dtype=torch.double, requires_grad=True)
        reconstruction(truth, [at[0] + at[1] * z for z in noise]).sum().backward()
        return at.grad

    assert slope(1.0, 0.5).abs().max() < 2e-3
    assert slope(1.1, 0.5)[0] > 0.05 and slope(0.9, 0.5)[0] < -0.05
    assert slope(1.0, 0.7)[1] > 0.02 and slope(1.0, 0.3)[1] < -0.02


def test_one_answer_is_held_by_its_plain_distance():
    truth, made = torch.zeros(3, 2, 4, 4), torch.ones(3, 2, 4, 4)
    assert torch.equal(reconstruction(truth, [made]), torch.ones(3))
    assert torch.equal(reconstruction(truth, [made, -made], spread=0.0), torch.zeros(3))
    assert spread_weight(2) == pytest.approx(math.sqrt(1 / (3 * math.pi)))


def test_contrast_knows_its_own_place():
    alike = torch.ones(2, 8, 5)
    assert torch.allclose(contrast(alike, alike), torch.full((2,), math.log(8)))
    apart = torch.eye(8)[None].repeat(2, 1, 1)
    assert contrast(apart, apart).max() < 1e-4 and contrast(apart, apart.roll(1, 1)).min() > 10
    queries = torch.randn(2, 4, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda q: contrast(q, torch.randn(2, 4, 3, dtype=torch.double, generator=torch.Generator().manual_seed(1))),
        queries,
    )


def test_patches_count_alike():
    assert torch.equal(over_patches(torch.tensor([[1.0, 3.0]])), torch.tensor([2.0]))
    assert torch.equal(over_patches(torch.tensor([1.0, 3.0])), torch.tensor([1.0, 3.0]))


def test_the_history_gives_back_what_it_was_given():
    history, first = History(4, (1, 2, 2)), torch.randn(4, 1, 2, 2)
    assert torch.equal(history(first, 0, "x", 0), first) and torch.equal(history.kept, first)
    new = torch.randn(16, 1, 2, 2)
    shown = history(new, 0, "x", 1)
    old = [row for row, picture in enumerate(shown) if not torch.equal(picture, new[row])]
    assert 3 <= len(old) <= 13
    assert all(
        (first == shown[row]).flatten(1).all(1).any() or (new == shown[row]).flatten(1).all(1).any() for row in old
    )


def test_pixel_measures():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 255, (3, 24, 20, 3), dtype=np.uint8)
    assert psnr(a, a + 1) == pytest.approx(48.1308, abs=1e-3) and psnr(a, a).tolist() == [100.0] * 3
    b = rng.integers(0, 255, (3, 24, 20, 3), dtype=np.uint8)
    from skimage.metrics import structural_similarity

    theirs = [structural_similarity(x, y, channel_axis=2, data_range=255) for x, y in zip(a, b, strict=True)]
    assert ssim(a, b) == pytest.approx(theirs, abs=1e-9) and ssim(a, a) == pytest.approx([1.0] * 3)


def test_what_hangs_on_the_input_and_what_does_not():
    given, real = torch.randn(8, 3, 16, 16), torch.randn(8, 3, 16, 16)
    same = follows(lambda x, z: x, given, None, real, belong=False)
    assert same["changed"] < 1e-4 and same["follows"] == pytest.approx(1.0, abs=1e-5) and same["input_moves"] > 0.5
    constant = follows(lambda x, z: real[:1].expand(8, -1, -1, -1), given, None, real, belong=True)
    assert constant["input_moves"] < 1e-4 and abs(constant["real_follows"]) < 0.2
    negative = follows(lambda x, z: -x, given, torch.randn(8, 4), real, belong=False)
    assert negative["follows"] == pytest.approx(-1.0, abs=1e-5) and negative["noise_moves"] < 1e-4


def test_a_hidden_code_is_lost_by_a_disturbance_that_nobody_sees():
    """An answer that shows nothing and carries the input a hundredth strong; and an honest one."""
    given = torch.rand(8, 3, 16, 16) - 0.5
    assert hidden(lambda x, z: 0.01 * x, lambda y, z: 100 * y + 0.05, given, None) > 20
    assert 1 <= hidden(lambda x, z: x, lambda y, z: y + 0.1, given, None) < 1.3
