"""The pixels themselves at 16 x 16, flattened: no network, so nothing that a critic could have seen."""

import hashlib

import numpy as np

from gansmith.core.pool import in_order
from gansmith.core.progress import Progress
from gansmith.networks.extractors._prepare import check_images, gathered, prepared

AT_ONCE = 500


class pixels:
    """An image at 16 x 16 (or ``size``), RGB, divided by 255: 768 numbers in [0, 1].

    Grey is copied, alpha composited on white, and resized as for ``lite0``. It sees colour and layout
    and no meaning; a shift by a pixel is to it another picture.

    Args:
        size: in pixels. Any but 16 is part of the name: ``pixels@32``.
    Check: an image of 16 x 16 RGB comes back as its bytes / 255.
    Source: none needed; ``checksum`` is that of the words that define it, as there are no weights.
    """

    family = "pixels"

    def __init__(self, size: int = 16, progress: Progress | None = None) -> None:
        self.name = "pixels" if size == 16 else f"pixels@{size}"
        self.size, self.resize, self.dimensions = size, f"pillow-bicubic-{size}", 3 * size**2
        self.checksum = hashlib.sha256(f"{self.resize}, RGB, / 255".encode()).hexdigest()

    def features(self, images: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """(n, H, W, C) uint8 with 1, 3 or 4 channels -> (n, 3 size^2) float32.

        Raises: InputError: when the images are not uint8 of that shape.
        """
        check_images(images)
        seen = in_order(lambda start: self._see(images[start : start + AT_ONCE]), range(0, len(images), AT_ONCE))
        return gathered(seen, len(images), self.dimensions, progress)

    def _see(self, images: np.ndarray) -> np.ndarray:
        pictures = prepared(np.asarray(images), self.size)
        return np.broadcast_to(pictures, (*pictures.shape[:3], 3)).reshape(len(pictures), -1) / np.float32(255)
