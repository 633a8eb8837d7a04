"""Every augmentation keeps its shape, repeats itself, and lets gradients of both orders through."""

import importlib
from pathlib import Path

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import gansmith.augment
from gansmith.augment._together import Together
from gansmith.augment.diff_augment import DiffAugment
from gansmith.augment.instance_noise import InstanceNoise

FOLDER = Path(gansmith.augment.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
augmentations = pytest.mark.parametrize("name", NAMES)


def create(name: str, strength: float):
    """The class of the file's name, ``diff_augment.py`` holds ``DiffAugment``, by its first argument."""
    kind = "".join(word.title() for word in name.split("_"))
    return getattr(importlib.import_module(f"gansmith.augment.{name}"), kind)(strength)


def pictures(count: int = 6, channels: int = 3, height: int = 16, width: int = 16, dtype=torch.float32) -> torch.Tensor:
    draw = torch.Generator().manual_seed(0)
    return torch.rand((count, channels, height, width), generator=draw, dtype=dtype) * 2 - 1


@augmentations
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("height", "width"), [(28, 28), (48, 20)])
def test_shape_and_type_stay(name, channels, height, width):
    images = pictures(4, channels, height, width)
    shown = create(name, 1.0)(images, 0, "joint", 0)
    assert shown.shape == images.shape and shown.dtype == images.dtype and torch.isfinite(shown).all()
    assert not torch.equal(shown, images)


@augmentations
def test_at_strength_0_the_images_are_returned_as_they_are(name):
    images = pictures()
    assert create(name, 0.0)(images, 0, "joint", 0) is images


@augmentations
def test_it_is_a_function_of_its_arguments(name):
    images, augment = pictures(), create(name, 0.8)
    state = torch.random.get_rng_state()
    shown = augment(images, 1, "joint", 7)
    assert torch.equal(torch.random.get_rng_state(), state), "it drew from the global random state"
    torch.manual_seed(123)
    assert torch.equal(create(name, 0.8)(images, 1, "joint", 7), shown)
    for others in ((2, "joint", 7), (1, "generator", 7), (1, "joint", 8)):
        assert not torch.equal(augment(images, *others), shown)


@augmentations
def test_the_images_given_are_not_changed(name):
    images = pictures()
    before = images.clone()
    create(name, 1.0)(images, 0, "joint", 0)
    assert torch.equal(images, before)


@augmentations
def test_gradients_reach_the_images(name):
    augment = create(name, 1.0)
    images = pictures(2, 3, 8, 8, torch.float64).requires_grad_()
    assert gradcheck(lambda x: augment(x, 0, "joint", 3), (images,), fast_mode=True)
    assert gradgradcheck(lambda x: augment(x, 0, "joint", 3).square().sum(), (images,), fast_mode=True)


@augmentations
def test_the_probability_is_that_of_an_image_to_be_altered(name):
    """More of it alters more images, from none to all; the others are shown as they are, to the bit."""
    if not hasattr(create(name, 0.0), "probability"):
        pytest.skip("this one alters every image")
    images = pictures(400, 3, 8, 8)
    altered, as_they_are = [], []
    for probability in (0.0, 0.3, 1.0):
        difference = (create(name, probability)(images, 0, "joint", 0) - images).abs().amax((1, 2, 3))
        altered.append((difference > 1e-4).float().mean().item())
        as_they_are.append((difference == 0).float().mean().item())
    assert altered[0] == 0 and 0.25 < altered[1] < 0.85 and altered[2] > 0.95
    assert as_they_are[0] == 1 and 0.2 < as_they_are[1] < 0.75 and as_they_are[2] < 0.05


@augmentations
@pytest.mark.parametrize("probability", [0.1, 1.0])
def test_channels_last_stays_and_so_does_its_gradient(name, probability):
    """Convolutions are several times slower on images that are laid out otherwise."""
    images = pictures(64, 3, 12, 16).to(memory_format=torch.channels_last).requires_grad_()
    shown = create(name, probability)(images, 0, "joint", 0)
    assert shown.is_contiguous(memory_format=torch.channels_last)
    (gradient,) = torch.autograd.grad(shown.square().sum(), images)
    assert gradient.is_contiguous(memory_format=torch.channels_last)


def test_instance_noise_fades_out_linearly():
    noise, images = InstanceNoise(0.8, 100), torch.zeros(8, 3, 32, 32)
    for step, sigma in ((0, 0.8), (50, 0.4), (75, 0.2)):
        assert noise(images, 0, "joint", step).std().item() == pytest.approx(sigma, rel=0.03)
    assert noise(images, 0, "joint", 100) is images and noise(images, 0, "joint", 500) is images


def test_together_each_part_gets_what_the_one_before_gave():
    images, noise, alter = pictures(), InstanceNoise(0.3), DiffAugment(1.0)
    both = Together([alter, noise])(images, 0, "joint", 5)
    assert torch.equal(both, noise(alter(images, 0, "joint", 5), 0, "joint", 5))
