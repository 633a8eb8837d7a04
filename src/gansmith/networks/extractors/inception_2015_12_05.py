"""The Inception of 2015-12-05, which alone gives FID; its weights come from a file of yours or are fetched once."""

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gansmith.core.errors import InputError
from gansmith.core.files import cache_folder
from gansmith.core.progress import Progress
from gansmith.networks.extractors import FID_CHECKSUM, FID_EXTRACTOR
from gansmith.networks.extractors._frozen import Frozen, check_file, download
from gansmith.networks.extractors._inception_network import InceptionNetwork
from gansmith.networks.extractors._lite_network import State
from gansmith.networks.extractors._prepare import on_white

VARIABLE = "GANSMITH_INCEPTION"
FILE = "pt_inception-2015-12-05-6726825d.pth"
ADDRESS = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{FILE}"
INSTEAD = f"put {FILE} somewhere and set {VARIABLE} to its path"
SIZE = 299


class inception_2015_12_05(Frozen):
    """The network of the original FID: 2048 pooled features, on the CPU.

    Images are made RGB (grey copied, alpha composited on white), resized to 299 x 299 by the bilinear
    rule of TensorFlow 1 without antialiasing, and shifted to (bytes - 128) / 128.

    The weight file is the one that $GANSMITH_INCEPTION names, else that of the cache's folder
    ``weights``, where it is fetched to when it is not there.

    Raises: InputError: no file and no way to fetch it, a file that is not the published one, another size.
    Check: equals torch-fidelity's network on the same weights; the resize equals a loop over pixels.
    Source: Heusel et al. 2017, arXiv:1706.08500; Szegedy et al. 2015, arXiv:1512.00567.
    """

    name = FID_EXTRACTOR
    dimensions = 2048
    resize = "tf1-bilinear-299"
    family = "inception"
    checksum = FID_CHECKSUM
    size = SIZE
    chunk = 10

    def __init__(self, size: int = SIZE, progress: Progress | None = None) -> None:
        if size != SIZE:
            raise InputError(f"{self.name} sees images at {SIZE} px and no other size; leave @{size} out")
        self.network = InceptionNetwork(read_weights(progress or Progress())).eval()

    def prepare(self, images: np.ndarray) -> np.ndarray:
        """Made RGB or grey at their own size."""
        return on_white(images) if images.shape[3] == 4 else images

    def input(self, pictures: Tensor) -> Tensor:
        """(n, 3, 299, 299), (bytes - 128) / 128."""
        return tf1_bilinear(pictures.permute(0, 3, 1, 2), SIZE).sub_(128).div_(128)


def tf1_bilinear(images: Tensor, size: int) -> Tensor:
    r"""(N, C, H, W) -> (N, C, size, size) as TensorFlow 1 did: corners not aligned, pixels not centred.

    Output i reads the input at :math:`i H / size`, between its two neighbours, the last one repeated.

    Check: a size of its own changes nothing; twice the size repeats a pixel or takes the mean of two.
    """
    for axis in (2, 3):
        before = images.shape[axis]
        at = torch.arange(size, dtype=torch.float32) * (before / size)
        low = at.long().clamp(max=before - 1)
        share = (at - low).reshape(-1, *([1] * (3 - axis)))
        left, right = images.index_select(axis, low), images.index_select(axis, (low + 1).clamp(max=before - 1))
        images = left + (right - left) * share
    return images


def read_weights(progress: Progress) -> State:
    """The published state dict."""
    return torch.load(weight_file(progress), map_location="cpu", weights_only=True)


def weight_file(progress: Progress) -> Path:
    """The checked weight file.

    Raises: InputError: as the class says.
    """
    given = os.environ.get(VARIABLE)
    path = Path(given).expanduser() if given else cache_folder() / "weights" / FILE
    if given and not path.is_file():
        raise InputError(f"{VARIABLE} names {given}, where there is no file; correct it, or unset it to fetch the file")
    if path.is_file():
        check_file(path, FID_CHECKSUM, f"fetch {ADDRESS} anew" if given else "remove it, and it is fetched anew")
    else:
        download(ADDRESS, path, FID_CHECKSUM, progress, INSTEAD)
    return path
