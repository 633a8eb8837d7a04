"""Every registered network family draws and judges at any size, learns everywhere, and survives the disk."""

import copy
import json
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from gansmith.core.errors import InputError
from gansmith.networks import FAMILIES, create_critic, create_generator, list_networks, pretrained
from gansmith.networks.pretrained import Generator, save_generator

LATENT, WIDTH = 16, 8
CLASSES = ["cat", "dog", "owl"]
SHAPES = [(28, 28, 1), (32, 32, 3), (32, 32, 1), (32, 32, 4), (64, 64, 4), (80, 48, 3), (100, 100, 1), (256, 256, 3)]

families = pytest.mark.parametrize("family", FAMILIES.names)
labelled = pytest.mark.parametrize("classes", [0, len(CLASSES)], ids=["unlabelled", "labelled"])


def arguments_of(classes: int, height: int = 28, width: int = 28, channels: int = 3) -> dict:
    shape = {"resolution": (height, width), "channels": channels, "classes": classes}
    return shape | {"latent": LATENT, "width": WIDTH}


def players(family: str, classes: int, height: int = 28, width: int = 28, channels: int = 3):
    torch.manual_seed(0)
    arguments = arguments_of(classes, height, width, channels)
    generator = create_generator(family, **arguments)
    return generator, create_critic(family, **{k: v for k, v in arguments.items() if k != "latent"})


def inputs(count: int, classes: int) -> tuple[torch.Tensor, torch.Tensor | None]:
    torch.manual_seed(1)
    return torch.randn(count, LATENT), torch.arange(count) % classes if classes else None


def description_of(family: str, classes: int) -> dict:
    names = CLASSES[:classes]
    shares = [1 / classes] * classes if classes else []
    return {"family": family, "arguments": arguments_of(classes), "classes": names, "frequencies": shares}


def trained(family: str, classes: int) -> torch.nn.Module:
    """A generator whose batch statistics, where it has any, are those of what it draws."""
    generator, _ = players(family, classes)
    if any(isinstance(part, torch.nn.BatchNorm2d) for part in generator.modules()):
        with torch.no_grad():
            for _ in range(30):
                generator.train()(*inputs(12, classes))
    return generator.eval()


def kept(folder: Path, family: str, classes: int) -> Path:
    path = folder / "generator.safetensors"
    save_generator(path, trained(family, classes), description_of(family, classes))
    return path


def test_the_families_are_listed():
    assert list_networks() == FAMILIES.names and {"strided", "residual", "dcgan"} <= set(FAMILIES.names)


# --- shapes and gradients


@families
@pytest.mark.parametrize(("height", "width", "channels"), SHAPES)
def test_any_size_and_any_channels(family, height, width, channels):
    for classes in (0, len(CLASSES)):
        generator, critic = players(family, classes, height, width, channels)
        z, labels = inputs(2, classes)
        with torch.no_grad():
            images = generator(z, labels)
            assert images.shape == (2, channels, height, width) and images.dtype == torch.float32
            assert torch.isfinite(images).all() and images.abs().mean() < 3
            judged = critic(images, labels)
        assert judged.shape == (2,) and torch.isfinite(judged).all()


@families
@labelled
def test_gradients_reach_every_parameter_of_both_players(family, classes):
    """After a first step, since a fresh residual block is the identity on purpose."""
    generator, critic = players(family, classes)
    z, labels = inputs(9, classes)
    weights = torch.randn(9)
    for _ in range(2):
        for player in (generator, critic):
            player.zero_grad(set_to_none=True)
        (critic(generator(z, labels), labels) * weights).sum().backward()
        reached = {
            f"{side}.{name}": weight.grad is not None and bool((weight.grad != 0).any())
            for side, player in (("generator", generator), ("critic", critic))
            for name, weight in player.named_parameters()
        }
        with torch.no_grad():
            for player in (generator, critic):
                for weight in player.parameters():
                    if weight.grad is not None:
                        weight -= 0.01 * weight.grad / (weight.grad.norm() + 1e-8)
    assert all(reached.values()), [name for name, there in reached.items() if not there]


@families
def test_labels_matter_to_both_players(family):
    generator, critic = trained(family, 3), players(family, 3)[1].eval()
    z, _ = inputs(4, 3)
    with torch.no_grad():
        cats, dogs = (generator(z, torch.full((4,), label)) for label in (0, 1))
        assert (cats - dogs).abs().amax((1, 2, 3)).min() > 1e-3
        assert (critic(cats, torch.zeros(4, dtype=int)) != critic(cats, torch.ones(4, dtype=int))).all()


@families
@labelled
def test_rows_of_a_settled_generator_do_not_see_each_other(family, classes):
    generator = trained(family, classes)
    z, labels = inputs(6, classes)
    with torch.no_grad():
        whole = generator(z, labels)
        alone = torch.cat([generator(z[i : i + 1], None if labels is None else labels[i : i + 1]) for i in range(6)])
    assert torch.allclose(whole, alone, atol=1e-5)


# --- saving, loading, drawing


@families
@labelled
def test_saved_and_loaded_it_draws_the_same_bytes(family, classes, tmp_path):
    module, description = trained(family, classes), description_of(family, classes)
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


def test_truncation_draws_nearer_to_the_mean():
    generator = Generator(trained("strided", 0), description_of("strided", 0))
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
