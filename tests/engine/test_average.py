"""The running average forgets by its half-life, and its batch statistics are its own."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from gansmith.engine.average import RunningAverage
from gansmith.engine.drawing import Latents, Painter, draw
from gansmith.networks import create_generator

LATE = 10**9  # images seen, far beyond the ramp


def linear(value: float) -> nn.Linear:
    module = nn.Linear(2, 2)
    with torch.no_grad():
        for weight in module.parameters():
            weight.fill_(value)
    return module


def generator(family: str = "strided") -> nn.Module:
    torch.manual_seed(0)
    return create_generator(family, resolution=(28, 28), channels=1, latent=8, width=8)


def test_constant_weights_stay_as_they_are():
    module = generator()
    average = RunningAverage(module, 1000)
    for images in range(8, 80, 8):
        average.update(module, 8, images)
    for kept, weight in zip(average.module.parameters(), module.parameters()):
        assert torch.equal(kept, weight)


@pytest.mark.parametrize("batch", [1, 10, 50, 100])
def test_after_one_half_life_it_is_half_way(batch):
    average = RunningAverage(linear(0.0), 100)
    for _ in range(100 // batch):
        average.update(linear(1.0), batch, LATE)
    assert average.module.weight.mean().item() == pytest.approx(0.5, abs=1e-5)
    for _ in range(100 // batch):
        average.update(linear(1.0), batch, LATE)
    assert average.module.weight.mean().item() == pytest.approx(0.75, abs=1e-5)


def test_the_first_weights_are_soon_forgotten():
    """Early on the half-life is a twentieth of the images seen."""
    average = RunningAverage(linear(0.0), 1e9)
    average.update(linear(1.0), 64, 64)
    assert average.module.weight.mean().item() == pytest.approx(1 - 0.5**20, abs=1e-6)
    average.update(linear(2.0), 50, 1000)
    assert average.module.weight.mean().item() == pytest.approx(1.5, abs=1e-5)


def test_without_a_half_life_it_follows():
    average = RunningAverage(linear(0.0), 0.0)
    average.update(linear(3.0), 8, 8)
    assert (average.module.weight == 3).all()


def test_the_module_itself_is_left_alone_and_the_average_is_not_trained():
    module = generator()
    before = copy.deepcopy(module.state_dict())
    average = RunningAverage(module, 100)
    average.update(module, 8, 8)
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert all(weight.requires_grad for weight in module.parameters())
    assert not any(weight.requires_grad for weight in average.module.parameters()) and not average.module.training


def test_buffers_are_the_last_ones():
    module = generator()
    average = RunningAverage(module, 100)
    module.train()(torch.randn(4, 8))
    average.update(module, 4, 4)
    for kept, seen in zip(average.module.buffers(), module.buffers(), strict=True):
        assert torch.equal(kept, seen)


@pytest.mark.parametrize("family", ["strided", "dcgan"])
def test_settling_measures_the_statistics_of_the_averaged_weights(family):
    """Each layer's mean and variance, averaged over the batches, computed here by hand."""
    average = RunningAverage(generator(family), 100)
    batches = [(torch.randn(16, 8, generator=torch.Generator().manual_seed(seed)), None) for seed in range(3)]
    before = copy.deepcopy(average.module.state_dict())
    settled = average.settle(batches)
    assert all(torch.equal(before[name], value) for name, value in average.module.state_dict().items())
    by_hand = copy.deepcopy(average.module).train()
    seen: dict[str, list[torch.Tensor]] = {}
    for name, part in by_hand.named_modules():
        if isinstance(part, nn.BatchNorm2d):
            part.register_forward_pre_hook(
                lambda _, inputs, name=name: seen.setdefault(name, []).append(inputs[0].clone())
            )
    with torch.no_grad():
        for z, labels in batches:
            by_hand(z, labels)
    assert seen
    for name, inputs in seen.items():
        norm = settled.get_submodule(name)
        mean = torch.stack([x.mean((0, 2, 3)) for x in inputs]).mean(0)
        variance = torch.stack([x.var((0, 2, 3)) for x in inputs]).mean(0)
        assert torch.allclose(norm.running_mean, mean, atol=1e-5, rtol=1e-4)
        assert torch.allclose(norm.running_var, variance, atol=1e-5, rtol=1e-4)
    assert not settled.training
    for (name, weight), (_, kept) in zip(settled.named_parameters(), average.module.named_parameters()):
        assert torch.equal(weight, kept), name


def test_settling_without_batch_statistics_changes_nothing():
    average = RunningAverage(generator("residual"), 100)
    settled = average.settle([(torch.randn(4, 8), None)])
    assert all(torch.equal(a, b) for a, b in zip(settled.parameters(), average.module.parameters()))


def test_latents_are_a_function_of_seed_and_purpose():
    one = Latents.of(300, 8, [0.2, 0.8, 0.0], 3, "grid")
    again = Latents.of(300, 8, [0.2, 0.8, 0.0], 3, "grid")
    assert torch.equal(one.z, again.z) and torch.equal(one.labels, again.labels)
    assert not torch.equal(one.z, Latents.of(300, 8, [], 3, "score").z)
    assert not torch.equal(one.z, Latents.of(300, 8, [], 4, "grid").z)
    assert Latents.of(300, 8, [], 3, "grid").labels is None
    shares = torch.bincount(one.labels, minlength=3) / 300
    assert shares[2] == 0 and shares[0].item() == pytest.approx(0.2, abs=0.08)
    batches = one.batches("cpu")
    assert torch.equal(torch.cat([z for z, _ in batches]), one.z)
    assert torch.equal(torch.cat([labels for _, labels in batches]), one.labels)


def test_what_is_shown_is_drawn_alike_each_time():
    painter = Painter(8, [], 0)
    average = RunningAverage(generator(), 100)
    latents = painter.latents(5, "grid")
    pictures = draw(painter.settled(average), latents)
    assert pictures.shape == (5, 28, 28, 1) and pictures.dtype == np.uint8
    assert np.array_equal(draw(painter.settled(average), latents), pictures)
