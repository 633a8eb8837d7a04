"""Pretrained networks that see an image as a vector: shared by metrics and by projected critics.

One extractor a file. ``EXTRACTORS.get(name)()`` makes one; a name is

- that of a file, such as ``lite0``;
- with a size of its own, such as ``lite0@224``;
- ``timm:MODEL``, any model of timm;
- ``module:function``, a user's (n, H, W, C) uint8 -> (n, d) float.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.core.registry import Registry

if TYPE_CHECKING:
    import numpy as np

DEFAULT = "lite0"
FID_EXTRACTOR = "inception-2015-12-05"
FID_CHECKSUM = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"


class MissingExtractor(InputError):
    """The package that carries the weights is not installed; the message names the extra."""


class Extractor(Protocol):
    """A frozen network and everything that its scores must name.

    Attributes:
        name: as it was asked for; a score is named after it (``FD-lite0``).
        dimensions: the length of a feature vector.
        checksum: sha256, hexadecimal, of what the features hang on: the weight file, or a function's source.
            Features are kept in a cache under it, unless an attribute ``cached`` is False.
        resize: how an image becomes the network's input, such as ``pillow-bicubic-64``.
        family: a critic or a loss that has seen this family makes scores by it partial.
    """

    name: str
    dimensions: int
    checksum: str
    resize: str
    family: str

    def features(self, images: "np.ndarray", progress: Progress | None = None) -> "np.ndarray":
        """(n, H, W, C) uint8 with 1, 3 or 4 channels -> (n, dimensions) float32, row by row.

        ``progress`` is advanced by the images done; starting and ending the bar is the caller's.
        Check: a row depends on its own image alone, not on the rows beside it.
        Raises: InputError: when the images are not uint8 of that shape.
        """
        ...


class Extractors(Registry):
    """The registry of extractors, whose names may carry a size or a model."""

    def get(self, name: str) -> Callable[..., Any]:
        """What makes the ``Extractor`` of that name; ``progress=`` is told of a download.

        Raises: InputError: when no extractor has that name, or its size is not a number.
        Check: lite0@64 and lite0 see the same.
        """
        kind, _, model = name.partition(":")
        if model and kind == "timm":
            model, size = _sized(model)
            return partial(super().get("timm"), model, **size)
        if model:
            from gansmith.networks.extractors._user import of_user

            return partial(of_user, name, super().get(name))
        plain, size = _sized(name)
        return partial(super().get(plain), **size) if size else super().get(plain)


EXTRACTORS = Extractors("extractor", "gansmith.networks.extractors", Path(__file__).parent)


def _sized(name: str) -> tuple[str, dict[str, int]]:
    plain, at, size = name.partition("@")
    if not at:
        return plain, {}
    if not (size.isdecimal() and int(size)):
        raise InputError(f"the size in {name!r} is not a number of pixels; write it as {plain}@224")
    return plain, {"size": int(size)}


def available(name: str = DEFAULT, progress: Progress | None = None) -> Extractor | None:
    """The extractor of that name, or None when its package is not installed, which is then said once.

    What is said names the extractor, as others may still be there.

    Raises: InputError: when no extractor has that name, or its weights are not the expected ones.
    """
    try:
        return EXTRACTORS.get(name)(progress=progress)
    except MissingExtractor as missing:
        (progress or Progress()).message(f"{missing} Going on without scores by {name}.")
        return None
