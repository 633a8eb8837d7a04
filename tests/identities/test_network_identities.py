"""Identities of canvases, blocks, augmentations and schedules."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some

from gansmith.augment import diff_augment
from gansmith.core.images import to_bytes, to_float
from gansmith.core.randomness import derived_seed, integers, normal
from gansmith.core.schedule import Cosine, constant
from gansmith.networks.canvas import Canvas, widths
from gansmith.networks.families.residual import Block, Resample
from gansmith.recipes.presets.modern import augment_probability, gamma_for
from gansmith.recipes.sizes import finest_width

sides = some.integers(8, 256)


# --- the one convention for images


def test_bytes_come_back_from_floats():
    every = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16, 1)
    floats = to_float(every)
    assert torch.equal(to_bytes(floats), every) and floats.shape == (1, 1, 16, 16)
    assert (floats.min(), floats.max()) == (-1, 1)
    assert to_bytes(torch.tensor([[[[-3.0, 3.0]]]])).flatten().tolist() == [0, 255]


# --- canvas


def test_the_canvas_of_every_size_gives_the_image_back():
    for side in range(28, 257):
        canvas = Canvas.of((side, side))
        image = torch.arange(float(side * side)).reshape(1, 1, side, side)
        wide = canvas.extend(image)
        assert wide.shape[-2:] == tuple(base * 2**canvas.doublings for base in canvas.base)
        assert torch.equal(canvas.crop(wide), image)
        assert 4 <= canvas.base[0] <= 7


@settings(max_examples=60, deadline=None)
@given(sides, sides)
def test_the_canvas_of_any_shape_gives_the_image_back(height, width):
    canvas = Canvas.of((height, width))
    image = torch.randn(1, 1, height, width)
    wide = canvas.extend(image)
    assert torch.equal(canvas.crop(wide), image) and wide.shape[-2:] == tuple(
        b * 2**canvas.doublings for b in canvas.base
    )
    assert min(canvas.margins) >= 0 and max(canvas.margins) < 2**canvas.doublings
    left, right, top, bottom = canvas.margins
    assert abs(left - right) <= 1 and abs(top - bottom) <= 1
    assert wide.sum() == pytest.approx(image.sum().item(), abs=1e-2), "the margins are not mid-grey"


def test_known_canvases():
    assert Canvas.of((28, 28)) == Canvas((4, 4), 3, (2, 2, 2, 2))
    assert Canvas.of((64, 64)) == Canvas((4, 4), 4, (0, 0, 0, 0))
    assert Canvas.of((80, 48)) == Canvas((10, 6), 3, (0, 0, 0, 0))


# --- residual networks


def test_a_fresh_block_returns_its_input():
    x = torch.randn(2, 16, 8, 8)
    assert torch.equal(Block(16, 8)(x), x)


def test_resampling_keeps_a_constant():
    """Doubling inside its border, halving everywhere but at the zero padding."""
    ones = torch.ones(1, 8, 8, 8)
    doubled, halved = Resample(8, 8, double=True)(ones), Resample(8, 8, double=False)(ones)
    assert doubled.shape[-1] == 16 and torch.allclose(doubled[..., 1:-1, 1:-1], torch.ones(1, 8, 14, 14))
    assert halved.shape[-1] == 4 and torch.allclose(halved[..., 1:-1, 1:-1], torch.ones(1, 8, 2, 2))


def test_widths_double_up_to_a_limit():
    assert widths(16, 3) == [16, 32, 64] and max(widths(64, 7)) == 512


# --- augmentation


def drawn(operation, images: torch.Tensor, seed: int, chosen: float = 1.0) -> torch.Tensor:
    numbers = {diff_augment._colour: 3}.get(operation, 2)
    draw = torch.rand((len(images), numbers), generator=torch.Generator().manual_seed(seed))
    return operation(images, draw, torch.full((len(images),), chosen))


@pytest.mark.parametrize("operation", ["_colour", "_translate", "_cut_out"])
def test_an_operation_that_is_not_chosen_changes_nothing(operation):
    images = torch.rand(5, 3, 12, 20) * 2 - 1
    assert torch.allclose(drawn(getattr(diff_augment, operation), images, 0, chosen=0.0), images, atol=1e-6)


def test_translation_moves_whole_pixels_up_to_an_eighth():
    height, width = 24, 40
    images = torch.randn(200, 2, height, width)
    moved = drawn(diff_augment._translate, images, 1)
    seen = set()
    for image, result in zip(images, moved):
        shifts = [
            (dy, dx)
            for dy in range(-height // 8, height // 8 + 1)
            for dx in range(-width // 8, width // 8 + 1)
            if torch.equal(result, shifted(image, dy, dx))
        ]
        assert len(shifts) == 1, "not a shift by whole pixels with grey coming in"
        seen |= set(shifts)
    assert {dy for dy, _ in seen} == set(range(-3, 4)) and {dx for _, dx in seen} == set(range(-5, 6))


def shifted(image: torch.Tensor, dy: int, dx: int) -> torch.Tensor:
    height, width = image.shape[-2:]
    result = torch.zeros_like(image)
    target = result[:, max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]
    target.copy_(image[:, max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)])
    return result


def test_the_cutout_is_one_grey_rectangle_of_at_most_half_of_each_side():
    cut = drawn(diff_augment._cut_out, torch.ones(100, 3, 16, 24), 2)
    for image in cut:
        hole = image[0] == 0
        rows, columns = hole.any(1), hole.any(0)
        assert torch.equal(hole, rows[:, None] & columns[None, :]) and torch.equal(image[0], image[1])
        assert 4 <= rows.sum() <= 8 and 6 <= columns.sum() <= 12, "the centre lies in the picture"


def test_colour_keeps_differences_of_place():
    """A grey picture stays grey; a constant picture stays constant; means move by brightness alone."""
    grey = (torch.rand(50, 1, 8, 8) * 2 - 1).expand(-1, 3, -1, -1)
    altered = drawn(diff_augment._colour, grey, 3)
    assert torch.allclose(altered[:, 0], altered[:, 1], atol=1e-6)
    moved = (altered - grey).mean((1, 2, 3))
    assert moved.abs().max() <= 0.5 + 1e-6 and moved.std() > 0.1
    contrast = altered.std((1, 2, 3)) / grey.std((1, 2, 3))
    assert contrast.min() >= 0.5 - 1e-4 and contrast.max() <= 1.5 + 1e-4


# --- schedules and what is chosen


def test_a_cosine_goes_from_start_to_end():
    rate = Cosine(5e-3, 1e-4)
    assert rate(0) == pytest.approx(5e-3, rel=1e-12) and rate(1) == pytest.approx(1e-4, rel=1e-12)
    assert rate(0.5) == pytest.approx((5e-3 + 1e-4) / 2)
    assert rate(-1) == rate(0) and rate(2) == rate(1)
    values = [rate(index / 50) for index in range(51)]
    assert values == sorted(values, reverse=True)
    assert {constant(0.3)(progress) for progress in (0, 0.3, 1)} == {0.3}
    assert Cosine(2e-4, 2e-4)(0.37) == 2e-4


def test_widths_by_size_and_resolution():
    assert finest_width("s", (32, 32)) == 32 and finest_width("s", (64, 64)) == 16
    assert finest_width("xs", (256, 256)) == 8
    for size in ("xs", "s", "m", "l"):
        assert all(finest_width(size, (side, side)) >= 8 for side in (28, 64, 256))


def test_gamma_at_the_measured_resolutions_and_between():
    assert [gamma_for((side, side)) for side in (32, 64, 256)] == [0.5, 2.0, 150.0]
    assert 0.5 < gamma_for((48, 48)) < 2 and gamma_for((28, 28)) == 0.5 and gamma_for((512, 512)) == 150
    assert gamma_for((32, 128)) == gamma_for((64, 64))
    assert gamma_for((28, 28), labelled=True) == 0.2 and gamma_for((64, 64), labelled=True) == 2.0


def test_augmentation_sets_in_when_pictures_repeat():
    assert augment_probability(1) == augment_probability(60) == 0 and augment_probability(0) == 0
    assert augment_probability(600) == augment_probability(6000) == pytest.approx(0.8)
    assert augment_probability(math.sqrt(60 * 600)) == pytest.approx(0.4)


# --- randomness


def test_a_draw_is_a_function_of_its_arguments():
    assert derived_seed(1, "a", 2) == derived_seed(1, "a", 2)
    keys = [(seed, purpose, step) for seed in range(5) for purpose in ("a", "b", "a/1") for step in range(20)]
    assert len({derived_seed(*key) for key in keys}) == len(keys)
    assert all(0 <= derived_seed(*key) < 2**63 for key in keys)
    state = torch.random.get_rng_state()
    assert torch.equal(normal((3, 4), 0, "z", 5), normal((3, 4), 0, "z", 5))
    assert not torch.equal(normal((3, 4), 0, "z", 5), normal((3, 4), 0, "z", 6))
    assert integers(2, 1000, 0, "mirror").float().mean() == pytest.approx(0.5, abs=0.06)
    assert torch.equal(torch.random.get_rng_state(), state)
