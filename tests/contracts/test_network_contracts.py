"""Every registered network family draws and judges at any size, learns everywhere, and survives the disk."""

import copy
import json
import os
import pickle
import struct
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import gansmith
from gansmith.core.errors import InputError
from gansmith.networks import FAMILIES, Critic, create_critic, create_generator, list_networks, pretrained
from gansmith.networks.constraints import CONSTRAINTS, constrain, is_normalised
from gansmith.networks.extractors import MissingExtractor
from gansmith.networks.normalisation import has_batch_statistics
from gansmith.networks.pretrained import Generator, save_generator

LATENT, WIDTH = 16, 8
CLASSES = ["cat", "dog", "owl"]
SHAPES = [(28, 28, 1), (32, 32, 3), (32, 32, 1), (32, 32, 4), (64, 64, 4), (80, 48, 3), (100, 100, 1), (256, 256, 3)]

SLOW = {
    "projected": [(28, 28, 1), (32, 32, 4), (80, 48, 3)],  # looks at 128 px through a large network
    "mlp": [(28, 28, 1), (80, 48, 3), (256, 256, 1)],  # a weight for each pixel
}

families = pytest.mark.parametrize("family", FAMILIES.names)
labelled = pytest.mark.parametrize("classes", [0, len(CLASSES)], ids=["unlabelled", "labelled"])
sized = pytest.mark.parametrize(
    ("family", "height", "width", "channels"),
    [(family, *shape) for family in FAMILIES.names for shape in SLOW.get(family, SHAPES)],
)
# Every way in which a generator is told of no label or of one, and every way of a critic.
TOLD = [(family, 3, way) for family in FAMILIES.names for way in FAMILIES.get(family).conditionings]
drawing = pytest.mark.parametrize(
    ("family", "classes", "conditioning"), [(family, 0, "concatenation") for family in FAMILIES.names] + TOLD
)
judging = pytest.mark.parametrize(
    ("family", "classes", "conditioning"),
    [(family, 0, "projection") for family in FAMILIES.names]
    + [(family, 3, way) for family in FAMILIES.names for way in FAMILIES.get(family).critic_conditionings],
)
constraints = pytest.mark.parametrize("constraint", CONSTRAINTS)


def arguments_of(classes: int, height: int = 28, width: int = 28, channels: int = 3, **more) -> dict:
    shape = {"resolution": (height, width), "channels": channels, "classes": classes}
    return shape | {"latent": LATENT, "width": WIDTH} | more


def generator_of(family: str, classes: int, *shape: int, **more) -> torch.nn.Module:
    torch.manual_seed(0)
    return create_generator(family, **arguments_of(classes, *shape, **more))


def critic_of(family: str, classes: int, *shape: int, **more) -> Critic:
    torch.manual_seed(0)
    arguments = arguments_of(classes, *shape, **more)
    try:
        return create_critic(family, **{k: v for k, v in arguments.items() if k != "latent"})
    except MissingExtractor as missing:
        pytest.skip(str(missing))


def pictures(count: int, classes: int, channels: int = 3) -> tuple[torch.Tensor, torch.Tensor | None]:
    torch.manual_seed(2)
    return torch.rand(count, channels, 28, 28) * 2 - 1, torch.arange(count) % classes if classes else None


def inputs(count: int, classes: int) -> tuple[torch.Tensor, torch.Tensor | None]:
    torch.manual_seed(1)
    return torch.randn(count, LATENT), torch.arange(count) % classes if classes else None


def description_of(family: str, classes: int, **more) -> dict:
    names = CLASSES[:classes]
    shares = [1 / classes] * classes if classes else []
    return {"family": family, "arguments": arguments_of(classes, **more), "classes": names, "frequencies": shares}


def nudged(module: torch.nn.Module) -> torch.nn.Module:
    """A little way from the first weights, where some are zero on purpose."""
    with torch.no_grad():
        for weight in module.parameters():
            weight += 0.05 * torch.randn_like(weight)
    return module


def trained(family: str, classes: int, conditioning: str = "concatenation") -> torch.nn.Module:
    """A generator whose batch statistics, where it has any, are those of what it draws."""
    return copy.deepcopy(settled(family, classes, conditioning))


@cache
def settled(family: str, classes: int, conditioning: str) -> torch.nn.Module:
    generator = nudged(generator_of(family, classes, conditioning=conditioning))
    if any(isinstance(part, torch.nn.BatchNorm2d) for part in generator.modules()):
        with torch.no_grad():
            for _ in range(30):
                generator.train()(*inputs(12, classes))
    return generator.eval()


def kept(folder: Path, family: str, classes: int) -> Path:
    path = folder / "generator.safetensors"
    save_generator(path, settled(family, classes, "concatenation"), description_of(family, classes))
    return path


def test_the_families_are_listed():
    published = {"strided", "residual", "dcgan", "mlp", "sn-resnet", "fastgan", "projected"}
    assert list_networks() == FAMILIES.names and published <= set(FAMILIES.names)
    assert gansmith.list_networks is list_networks
    assert gansmith.create_generator is create_generator and gansmith.create_critic is create_critic


@pytest.mark.parametrize("family", ["strided", "dcgan", "residual"])
def test_labels_of_the_first_families_are_kept_under_their_old_names(family):
    """Files and checkpoints that were written before there was a choice of conditioning."""
    generator, critic = generator_of(family, 3).state_dict(), critic_of(family, 3).state_dict()
    assert {name for name in generator if "label" in name} == {"label.embedding.weight"}
    assert {name for name in critic if not name.startswith("stages.")} == {
        "head.score.weight",
        "head.score.bias",
        "head.embedding.weight",
    }


# --- shapes and gradients


@sized
def test_any_size_and_any_channels(family, height, width, channels):
    for classes in (0, len(CLASSES)):
        generator = generator_of(family, classes, height, width, channels)
        critic = critic_of(family, classes, height, width, channels)
        z, labels = inputs(2, classes)
        with torch.no_grad():
            images = generator(z, labels)
            assert images.shape == (2, channels, height, width) and images.dtype == torch.float32
            assert torch.isfinite(images).all() and images.abs().mean() < 3
            judged = critic(images, labels)
        assert judged.shape == (2,) and torch.isfinite(judged).all()


def unreached(player: torch.nn.Module, value: torch.Tensor) -> list[str]:
    """The parameters that the value's gradient leaves alone; a small step is made with the others."""
    player.zero_grad(set_to_none=True)
    value.backward()
    missed = []
    with torch.no_grad():
        for name, weight in player.named_parameters():
            if weight.grad is None or not (weight.grad != 0).any():
                missed.append(name)
            else:
                weight -= 0.01 * weight.grad / (weight.grad.norm() + 1e-8)
    return missed


@drawing
def test_gradients_reach_every_parameter_of_a_generator(family, classes, conditioning):
    """After a first step, since a fresh residual block is the identity on purpose."""
    generator = generator_of(family, classes, conditioning=conditioning)
    z, labels = inputs(9, classes)
    weights = torch.randn(9, 3, 28, 28)
    for _ in range(2):
        missed = unreached(generator, (generator(z, labels) * weights).sum())
    assert not missed


@judging
def test_gradients_reach_every_parameter_of_a_critic_and_its_images(family, classes, conditioning):
    critic = critic_of(family, classes, conditioning=conditioning)
    images, labels = pictures(9, classes)
    weights = torch.randn(9)
    images.requires_grad_()
    for _ in range(2):
        value = (critic(images, labels) * weights).sum()
        if critic.auxiliary_loss is not None:
            value = value + critic.auxiliary_loss(images).sum()
        if conditioning == "auxiliary":
            value = value + (critic.classify(critic.features(images, labels)) * weights[:, None]).sum()
        missed = unreached(critic, value)
    assert not missed
    assert (images.grad != 0).flatten(1).float().mean(1).min() > 0.5


@pytest.mark.parametrize(("family", "classes", "conditioning"), TOLD)
def test_labels_matter_to_a_generator(family, classes, conditioning):
    generator = trained(family, classes, conditioning=conditioning)
    z, _ = inputs(4, classes)
    with torch.no_grad():
        cats, dogs = (generator(z, torch.full((4,), label)) for label in (0, 1))
    assert (cats - dogs).abs().amax((1, 2, 3)).min() > 1e-3


@judging
def test_a_critic_judges_its_own_features_and_sees_labels_where_it_should(family, classes, conditioning):
    critic = critic_of(family, classes, conditioning=conditioning).eval()
    images, labels = pictures(4, classes)
    with torch.no_grad():
        features = critic.features(images, labels)
        logits = critic(images, labels)
        assert features.shape == (4, features.shape[1]) and logits.shape == (4,)
        assert torch.equal(critic.judge(features, labels), logits)
        if classes:
            others = critic(images, (labels + 1) % classes)
            assert (others == logits).all() if conditioning == "auxiliary" else (others != logits).all()
        if conditioning == "auxiliary":
            assert torch.equal(critic(images), logits), "it needs no label"
            assert critic.classify(features).shape == (4, classes)
        else:
            with pytest.raises(AssertionError, match="only a critic with auxiliary conditioning"):
                critic.classify(features)


@families
def test_a_side_task_gives_one_value_an_image(family):
    critic = critic_of(family, 3, conditioning="concatenation")
    assert isinstance(critic, Critic)
    if critic.auxiliary_loss is not None:
        values = critic.auxiliary_loss(pictures(5, 0)[0])
        assert values.shape == (5,) and torch.isfinite(values).all() and values.requires_grad


@families
def test_a_conditioning_that_is_not_offered_is_wrong_input(family):
    ways = FAMILIES.get(family)
    for player, offered in (("generator", ways.conditionings), ("critic", ways.critic_conditionings)):
        create = create_generator if player == "generator" else create_critic
        for way in {"concatenation", "normalisation", "projection", "auxiliary", "by-post", ""} - set(offered):
            with pytest.raises(InputError, match=f"the {player} of '{family}'.*; choose {offered[0]}") as error:
                create(family, resolution=(28, 28), channels=1, conditioning=way)
            assert "\n" not in str(error.value)


@families
@labelled
def test_rows_of_a_settled_generator_do_not_see_each_other(family, classes):
    generator = trained(family, classes)
    z, labels = inputs(6, classes)
    with torch.no_grad():
        whole = generator(z, labels)
        alone = torch.cat([generator(z[i : i + 1], None if labels is None else labels[i : i + 1]) for i in range(6)])
    assert torch.allclose(whole, alone, atol=1e-5)


@families
def test_a_family_says_whether_its_critic_normalises_over_the_batch(family):
    assert FAMILIES.get(family).batch_statistics == has_batch_statistics(critic_of(family, 3))


# --- constraints


@constraints
@families
def test_a_constrained_critic_learns_and_comes_back_from_the_disk(family, constraint, tmp_path):
    """Two forward passes before one backward pass, as where real and fake images are shown apart."""
    if constraint == "clip" and is_normalised(critic_of(family, 3)):
        pytest.skip("refused, see below")
    critic = constrain(critic_of(family, 3), constraint)
    names = list(critic.state_dict())
    images, labels = pictures(6, 3)
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.05)
    for _ in range(2):
        loss = critic(images, labels).sum() - critic(-images, labels).square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    critic(images, labels)
    critic.eval()
    save_file({k: v.contiguous() for k, v in critic.state_dict().items()}, tmp_path / "critic.safetensors")
    again = constrain(constrain(critic_of(family, 3), constraint), constraint).eval()
    assert list(again.state_dict()) == names == list(critic.state_dict()), "constrained twice"
    again.load_state_dict(load_file(tmp_path / "critic.safetensors"))
    copied = copy.deepcopy(critic)
    with torch.no_grad():
        logits = critic(images, labels)
        assert torch.isfinite(logits).all()
        assert torch.equal(again(images, labels), logits) and torch.equal(copied(images, labels), logits)
        for weight in copied.parameters():
            weight.zero_()
        assert torch.equal(critic(images, labels), logits), "the copy shares its weights"


@families
def test_clipped_weights_are_within_the_limit_whatever_was_called(family):
    if is_normalised(critic_of(family, 3)):
        with pytest.raises(InputError, match="normalised spectrally already"):
            constrain(critic_of(family, 3), "clip", 0.02)
        return
    critic = constrain(critic_of(family, 3), "clip", 0.02)
    images, labels = pictures(2, 3)
    for call in (critic, critic.features):
        with torch.no_grad():
            for weight in critic.parameters():
                weight += 1
            call(images, labels)
            if critic.auxiliary_loss is not None:
                critic.auxiliary_loss(images)
        used = [w for name, w in critic.named_parameters() if call is critic or not name.startswith("head.")]
        assert max(weight.abs().max() for weight in used) <= 0.02 + 1e-9


def test_a_wrong_constraint_is_wrong_input():
    for wrong in (("orthogonal",), ("clip", 0), ("clip", -1), ("clip", float("nan"))):
        with pytest.raises(InputError):
            constrain(critic_of("strided", 0), *wrong)


# --- saving, loading, drawing


@drawing
def test_saved_and_loaded_it_draws_the_same_bytes(family, classes, conditioning, tmp_path):
    module = trained(family, classes, conditioning=conditioning)
    description = description_of(family, classes, conditioning=conditioning)
    save_generator(tmp_path / "generator.safetensors", module, description)
    drawn = Generator(copy.deepcopy(module), description).sample(5, seed=3)
    assert drawn.shape == (5, 28, 28, 3) and drawn.dtype == np.uint8 and drawn.std() > 0
    for place in (tmp_path, tmp_path / "generator.safetensors", str(tmp_path)):
        loaded = Generator.from_pretrained(place)
        assert np.array_equal(loaded.sample(5, seed=3), drawn)
        assert loaded.classes == CLASSES[:classes] and loaded.resolution == (28, 28)
    assert not any(weight.requires_grad for weight in loaded.module.parameters()) and not loaded.module.training


@families
@labelled
def test_a_draw_is_a_function_of_its_arguments(family, classes, tmp_path):
    generator = Generator.from_pretrained(kept(tmp_path, family, classes))
    state = torch.random.get_rng_state()
    seven = generator.sample(7, seed=2, batch=4)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(99)
    assert np.array_equal(generator.sample(7, seed=2, batch=4), seven)
    for fewer in (1, 3, 4, 6):
        assert np.array_equal(generator.sample(fewer, seed=2, batch=4), seven[:fewer])
    assert not np.array_equal(generator.sample(7, seed=3, batch=4), seven)
    assert len({image.tobytes() for image in seven}) == 7


def test_a_label_is_its_name_or_its_place(tmp_path):
    generator = Generator.from_pretrained(kept(tmp_path, "strided", 3))
    dogs = generator.sample(4, label="dog")
    assert np.array_equal(generator.sample(4, label=1), dogs) and np.array_equal(generator.sample(4, label="1"), dogs)
    assert not np.array_equal(generator.sample(4, label="cat"), dogs)


def test_a_name_that_is_a_number_wins_over_a_place(tmp_path):
    module, description = trained("strided", 3), description_of("strided", 3)
    generator = Generator(module, description | {"classes": ["2", "0", "1"]})
    assert np.array_equal(generator.sample(2, label="2"), Generator(module, description).sample(2, label="cat"))


def test_without_a_label_classes_come_as_often_as_in_the_data():
    module, description = trained("strided", 3), description_of("strided", 3)
    generator = Generator(module, description | {"frequencies": [0.0, 1.0, 0.0]})
    assert np.array_equal(generator.sample(6), generator.sample(6, label="dog"))


@pytest.mark.parametrize("label", ["bird", "", "3", 3, -1, "-1", "1.0", "²"])
def test_a_wrong_label_is_answered_with_the_right_ones(label):
    generator = Generator(trained("strided", 3), description_of("strided", 3))
    with pytest.raises(InputError, match="there are: cat, dog, owl"):
        generator.sample(1, label=label)


def test_wrong_draws_are_wrong_input():
    generator = Generator(trained("strided", 0), description_of("strided", 0))
    with pytest.raises(InputError, match="without labels"):
        generator.sample(1, label=0)
    for wrong in ({"n": 0}, {"n": -1}, {"n": 1, "truncation": -0.5}, {"n": 1, "truncation": float("nan")}):
        with pytest.raises(InputError, match="at least"):
            generator.sample(**wrong)


@families
def test_truncation_draws_nearer_to_the_mean(family):
    generator = Generator(trained(family, 0), description_of(family, 0))
    spread = [generator.sample(20, truncation=amount).astype(float).std(0).mean() for amount in (0.0, 0.5, 1.0)]
    assert spread[0] == 0 and spread[0] < spread[1] < spread[2]


# --- what is not a generator, by accident or on purpose


class Hostile:
    """Unpickling this would make a file."""

    def __init__(self, target: Path):
        self.target = target

    def __reduce__(self):
        return (os.mkdir, (str(self.target),))


def with_description(path: Path, description) -> None:
    save_file(
        load_file(path), path, {"gansmith": description if isinstance(description, str) else json.dumps(description)}
    )


def shape(**changes) -> dict:
    base = description_of("strided", 3)
    return base | {"arguments": base["arguments"] | changes}


DESCRIPTIONS = {
    "not-json": "{",
    "a-list": [],
    "null": None,
    "empty": {},
    "another-family": description_of("residual", 3),
    "unknown-family": description_of("resnet", 3),
    "code-as-family": description_of("os:system", 3),
    "path-as-family": description_of("../families/strided", 3),
    "number-as-family": description_of("strided", 3) | {"family": 5},
    "no-arguments": {k: v for k, v in description_of("strided", 3).items() if k != "arguments"},
    "no-classes": {k: v for k, v in description_of("strided", 3).items() if k != "classes"},
    "no-frequencies": {k: v for k, v in description_of("strided", 3).items() if k != "frequencies"},
    "text-as-arguments": description_of("strided", 3) | {"arguments": "28"},
    "further-argument": shape(layers=3),
    "one-number-as-resolution": shape(resolution=28),
    "three-numbers-as-resolution": shape(resolution=[28, 28, 28]),
    "text-as-width": shape(width="8"),
    "unknown-conditioning": shape(conditioning="by-post"),
    "a-critics-conditioning": shape(conditioning="projection"),
    "list-as-conditioning": shape(conditioning=["normalisation"]),
    "no-conditioning": shape(conditioning=None),
    "conditioning-of-other-weights": shape(conditioning="normalisation"),
    "conditioning-not-offered": description_of("mlp", 3, conditioning="normalisation"),
    "mlp-of-a-large-image": description_of("mlp", 3, height=2048, width=2048),
    "fewer-classes": shape(classes=2),
    "fewer-names": description_of("strided", 3) | {"classes": ["cat"]},
    "numbers-as-names": description_of("strided", 3) | {"classes": [1, 2, 3]},
    "fewer-frequencies": description_of("strided", 3) | {"frequencies": [1.0]},
    "text-as-frequencies": description_of("strided", 3) | {"frequencies": ["a", "b", "c"]},
    "negative-frequencies": description_of("strided", 3) | {"frequencies": [-1.0, 1.0, 1.0]},
    "no-frequency": description_of("strided", 3) | {"frequencies": [0.0, 0.0, 0.0]},
}
UNREASONABLE = {
    "resolution": shape(resolution=[100_000, 100_000]),
    "no-resolution": shape(resolution=[0, 28]),
    "negative-resolution": shape(resolution=[-28, 28]),
    "channels": shape(channels=1_000_000),
    "width": shape(width=1_000_000),
    "latent": shape(latent=100_000_000),
    "classes": shape(classes=100_000_000),
    "negative-classes": shape(classes=-1),
}


def refused(path: Path) -> None:
    with pytest.raises(InputError, match="not a gansmith generator") as error:
        Generator.from_pretrained(path).sample(1)
    assert "\n" not in str(error.value) and str(path) in str(error.value)


@pytest.mark.parametrize("wrong", DESCRIPTIONS)
def test_a_wrong_description_is_wrong_input(wrong, tmp_path):
    path = kept(tmp_path, "strided", 3)
    with_description(path, DESCRIPTIONS[wrong])
    refused(path)


@pytest.mark.parametrize("wrong", UNREASONABLE)
def test_an_unreasonable_size_is_refused_before_anything_is_built(wrong, tmp_path, monkeypatch):
    path = kept(tmp_path, "strided", 3)
    with_description(path, UNREASONABLE[wrong])
    monkeypatch.setattr(pretrained, "create_generator", lambda *_, **__: pytest.fail("it was built"))
    refused(path)


@pytest.mark.parametrize("keep", [0, 4, 8, 100, 0.5, 0.99])
def test_a_truncated_file_is_wrong_input(keep, tmp_path):
    path = kept(tmp_path, "strided", 3)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    refused(path)


def test_other_files_are_wrong_input_and_no_code_runs(tmp_path):
    path = tmp_path / "generator.safetensors"
    trap = tmp_path / "trapped"
    lying_header = json.dumps({"x": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    for content in (
        pickle.dumps(Hostile(trap)),
        os.urandom(1000),
        b"\xff" * 100,
        struct.pack("<Q", 2**63),
        struct.pack("<Q", len(lying_header)) + lying_header,
        struct.pack("<Q", 4) + b"null",
    ):
        path.write_bytes(content)
        refused(path)
    torch.save(Hostile(trap), path)
    refused(path)
    assert not trap.exists()


def test_other_tensors_are_wrong_input(tmp_path):
    path = kept(tmp_path, "strided", 3)
    description = {"gansmith": json.dumps(description_of("strided", 3))}
    tensors = load_file(path)
    name = "to_image.weight"
    for wrong in (
        {k: v for k, v in tensors.items() if k != name},
        tensors | {"more": torch.zeros(1)},
        tensors | {name: torch.zeros(1)},
        {},
    ):
        save_file(wrong, path, description)
        refused(path)
    save_file(tensors, path)
    refused(path)


def test_what_is_not_there_is_wrong_input(tmp_path):
    for place, says in (
        (tmp_path, "holds no"),
        (tmp_path / "none", "no run folder or file"),
        ("./a/b", "no run folder"),
    ):
        with pytest.raises(InputError, match=says):
            Generator.from_pretrained(place)
