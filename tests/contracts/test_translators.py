"""Every translator: shapes at any size, what it hangs on, and tiles that equal the whole."""

import numpy as np
import pytest
import torch

from gansmith.networks.local import LocalConv, PixelNorm, set_borders
from gansmith.networks.translated import Translator, _tiles
from gansmith.networks.translators import TRANSLATORS, create_patch_critic, create_translator


def noisy(name):
    return TRANSLATORS.get(name).noisy


def translator(name, **arguments):
    """With weights that make something of everything."""
    torch.manual_seed(3)
    network = create_translator(name, **{"given": 3, "channels": 3, "latent": 0, "width": 8} | arguments)
    for weight in network.parameters():
        weight.data.add_(0.05 * torch.randn_like(weight))
    return network


@pytest.mark.parametrize("name", TRANSLATORS.names)
@pytest.mark.parametrize("size", [(64, 64), (50, 70), (33, 16)])
def test_a_picture_of_any_size_keeps_it(name, size):
    network = translator(name, given=1, channels=3).eval()
    made = network(torch.randn(2, 1, *size))
    assert made.shape == (2, 3, *size) and made.abs().max() <= 1
    maps = network.encode(torch.randn(2, 1, *size))
    assert [each.shape[1] for each in maps] == network.map_channels


@pytest.mark.parametrize("name", TRANSLATORS.names)
@pytest.mark.parametrize("size", [(64, 64), (28, 28), (33, 47)])
def test_patches_are_judged(name, size):
    critic = create_patch_critic(name, channels=4, width=8)
    logits = critic(torch.randn(3, 4, *size))
    assert logits.ndim == 2 and len(logits) == 3 and logits.shape[1] >= (2 if min(size) > 32 else 1)


@pytest.mark.parametrize("name", [name for name in TRANSLATORS.names if TRANSLATORS.get(name).noisy])
def test_noise_moves_the_answer_and_equal_noise_does_not(name):
    network, x = translator(name, latent=4), torch.randn(2, 3, 64, 64)
    z = torch.randn(2, 4)
    assert torch.equal(network(x, z), network(x, z)) and (network(x, z) - network(x, -z)).abs().max() > 1e-3


@pytest.mark.parametrize("name", [name for name in TRANSLATORS.names if TRANSLATORS.get(name).corrects])
def test_an_answer_may_be_a_correction(name):
    x = torch.rand(2, 3, 64, 64)
    network = translator(name, residual=1)
    torch.nn.init.zeros_(network.finish.weight)
    torch.nn.init.zeros_(network.finish.bias)
    assert torch.equal(network(x), x)


@pytest.mark.parametrize("name", [name for name in TRANSLATORS.names if TRANSLATORS.get(name).local])
def test_a_pixel_hangs_on_its_surroundings_alone(name):
    network = translator(name).double()
    x = torch.randn(1, 3, 320, 320, dtype=torch.double, requires_grad=True)
    farthest = 0
    for place in ((159, 160), (160, 175)):
        (gradient,) = torch.autograd.grad(network(x)[0, :, place[0], place[1]].sum(), x)
        reached = gradient.abs().sum((0, 1)).nonzero()
        farthest = max(farthest, int((reached - torch.tensor(place)).abs().max()))
    assert 0.8 * network.radius < farthest <= network.radius


@pytest.mark.parametrize("name", [name for name in TRANSLATORS.names if TRANSLATORS.get(name).local])
def test_tiles_equal_the_whole(name):
    network = translator(name, latent=4)
    description = {"family": name, "arguments": {"given": 3, "channels": 3, "latent": 4, "width": 8}}
    ours = Translator({"a-to-b": network}, description)
    picture = np.random.default_rng(0).integers(0, 256, (500, 410, 3), dtype=np.uint8)
    whole, tiled = (ours.translate(picture, seed=1, whole=size) for size in (10**9, 128**2))
    assert np.abs(whole.astype(int) - tiled).max() <= 1 and (whole != ours.translate(picture, seed=2)).any()


@pytest.mark.parametrize("name", [name for name in TRANSLATORS.names if TRANSLATORS.get(name).local])
def test_a_picture_that_wraps_around_may_be_shifted(name):
    network = translator(name).double()
    set_borders(network, "wrap", "wrap")
    x = torch.randn(1, 3, 64, 96, dtype=torch.double)
    shifted = network(x.roll((16, 32), (2, 3)))
    assert (shifted - network(x).roll((16, 32), (2, 3))).abs().max() < 1e-9
    set_borders(network, "zeros", "zeros")
    assert (network(x.roll(32, 3)) - network(x).roll(32, 3)).abs().max() > 1e-6


def test_tiles_cover_each_pixel_once_and_reach_beyond():
    count = np.zeros((100, 230), int)
    for core, seen in _tiles(100, 230, 48**2, 16, 20):
        count[core] += 1
        for inner, outer, end in zip(core, seen, (100, 230), strict=True):
            assert outer.start % 16 == 0 and outer.start <= max(0, inner.start - 20)
            assert outer.stop >= min(end, inner.stop + 20)
    assert (count == 1).all()


def test_parts():
    x = torch.randn(2, 5, 4, 6)
    assert torch.allclose(PixelNorm()(x).square().mean(1), torch.ones(2, 4, 6), atol=1e-5)
    convolution = LocalConv(5, 3)
    plain = torch.nn.functional.conv2d(x, convolution.weight, convolution.bias, padding=1)
    assert torch.equal(convolution(x), plain)
