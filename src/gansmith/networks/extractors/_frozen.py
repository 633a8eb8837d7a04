"""What extractors with a network share: how images go through it, and weights that are the published ones."""

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically
from gansmith.core.pool import torch_in_order
from gansmith.core.progress import Progress
from gansmith.networks.extractors._prepare import check_images, gathered, prepared

AT_ONCE_BYTES = 1 << 20
TIMEOUT_SECONDS = 60


class Frozen:
    """A network that sees chunks of one size, so that every image meets the same kernels; on the CPU.

    A subclass sets ``network`` and says what its input is made of.
    """

    name: str
    dimensions: int
    checksum: str
    resize: str
    family: str
    size: int
    chunk: int
    network: nn.Module

    def features(self, images: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """(n, H, W, C) uint8 with 1, 3 or 4 channels -> (n, dimensions) float32.

        Chunks side by side, one thread each: faster than threads within layers, and the same for any number.

        Raises: InputError: when the images are not uint8 of that shape.
        """
        check_images(images)
        starts = range(0, len(images), self.chunk)
        seen = torch_in_order(lambda start: self._see(images[start : start + self.chunk]), starts)
        return gathered(seen, len(images), self.dimensions, progress)

    @torch.inference_mode()
    def _see(self, images: np.ndarray) -> np.ndarray:
        pictures = self.prepare(np.asarray(images))
        whole = torch.zeros(self.chunk, *pictures.shape[1:3], 3)
        whole[: len(pictures)] = torch.from_numpy(pictures)
        return self.network(self.input(whole))[: len(pictures)].numpy()

    @torch.inference_mode()
    def maps(self, images: np.ndarray) -> list[Tensor]:
        """(n, H, W, C) uint8 -> maps (n, channels, h, w) at several scales, fine to coarse.

        Raises: InputError: when the images are not uint8 of that shape, or this network shows none.
        """
        check_images(images)
        pictures = torch.from_numpy(np.ascontiguousarray(self.prepare(np.asarray(images)))).float()
        return self.taps(self.input(pictures.expand(-1, -1, -1, 3).clone()))

    def taps(self, x: Tensor) -> list[Tensor]:
        """The network's input -> maps within it."""
        raise InputError(f"{self.name} shows no maps; choose lite0 or hed")

    def prepare(self, images: np.ndarray) -> np.ndarray:
        """(m, H, W, 1, 3 or 4) uint8 -> (m, size, size, 1 or 3) uint8."""
        return prepared(images, self.size)

    def input(self, pictures: Tensor) -> Tensor:
        """(chunk, h, w, 3) float32 in 0..255 -> the network's input, NCHW."""
        raise NotImplementedError


def file_checksum(path: Path) -> str:
    """sha256 of a file, hexadecimal."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def check_file(path: Path, checksum: str, mend: str) -> None:
    """Raises: InputError: when a file is not the published one; ``mend`` says what to do."""
    if (found := file_checksum(path)) != checksum:
        raise InputError(f"{path} has sha256 {found[:12]}, not {checksum[:12]}; {mend}")


def check_multiple(name: str, size: int, of: int) -> None:
    """Raises: InputError: when a network cannot see images of that size."""
    if size % of:
        raise InputError(f"{name} sees sizes that are multiples of {of}, not {size}; try {name}@{of * -(-size // of)}")


def download(address: str, path: Path, checksum: str, progress: Progress, instead: str) -> None:
    """Fetch a file under a bar, check it, and put it in its place, whole or not at all.

    Raises:
        InputError: it cannot be had, or is not the published one; ``instead`` says what to do.
        WorkError: the disk is full.
    """

    def fetch(temporary: Path) -> None:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer, open(temporary, "wb") as handle:
            total = answer.headers.get("Content-Length")
            progress.start(f"Fetching {path.name}, once", float(total) if total else None)
            try:
                while part := answer.read(AT_ONCE_BYTES):
                    handle.write(part)
                    progress.advance(handle.tell())
            finally:
                progress.finish()
        check_file(temporary, checksum, instead)

    def refused(temporary: Path) -> None:
        try:
            fetch(temporary)
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            said = getattr(error, "reason", None) or error
            raise InputError(f"{path.name} cannot be fetched ({said}); {instead}") from error

    write_atomically(path, refused)
