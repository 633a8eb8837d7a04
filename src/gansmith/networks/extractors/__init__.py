"""Pretrained networks that see an image as a vector: shared by metrics and by projected critics.

One extractor a file; each is called with no argument and gives an ``Extractor``.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.core.registry import Registry

if TYPE_CHECKING:
    import numpy as np

EXTRACTORS = Registry("extractor", "gansmith.networks.extractors", Path(__file__).parent)
DEFAULT = "lite0"


class MissingExtractor(InputError):
    """The package that carries the weights is not installed; the message names the extra."""


class Extractor(Protocol):
    """A frozen network and everything that its scores must name.

    Attributes:
        name: as in the registry; a score is named after it (``FD-lite0``).
        dimensions: the length of a feature vector.
        checksum: sha256 of the weight file, hexadecimal.
        resize: how an image becomes the network's input, such as ``pillow-bicubic-64``.
    """

    name: str
    dimensions: int
    checksum: str
    resize: str

    def features(self, images: "np.ndarray", progress: Progress | None = None) -> "np.ndarray":
        """(n, H, W, C) uint8 with 1, 3 or 4 channels -> (n, dimensions) float32, row by row.

        ``progress`` is advanced by the images done; starting and ending the bar is the caller's.
        Check: a row depends on its own image alone, not on the rows beside it.
        Raises: InputError: when the images are not uint8 of that shape.
        """
        ...


def available(name: str = DEFAULT, progress: Progress | None = None) -> Extractor | None:
    """The extractor of that name, or None when its package is not installed, which is then said once.

    Raises: InputError: when no extractor has that name, or its weights are not the expected ones.
    """
    try:
        return EXTRACTORS.get(name)()
    except MissingExtractor as missing:
        (progress or Progress()).message(f"{missing} Going on without a score.")
        return None
