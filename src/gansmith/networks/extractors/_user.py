"""A user's function as an extractor."""

import hashlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.networks.extractors import Extractor
from gansmith.networks.extractors._prepare import check_images

AT_ONCE = 100
TRIED = (2, 64, 64, 3)
PROMISED = ("name", "dimensions", "checksum", "resize", "family", "features")


def of_user(name: str, found: Any, progress: Progress | None = None) -> Extractor:
    """The extractor that ``module:function`` names: a function of images, or a class that is an extractor.

    Raises: InputError: when a class cannot be made, or is none; or as ``UserExtractor``.
    """
    if not isinstance(found, type):
        return UserExtractor(name, found)
    try:
        extractor = found()
    except Exception as error:
        raise InputError(f"{name} cannot be made without arguments: {type(error).__name__}: {error}") from error
    if missing := [attribute for attribute in PROMISED if not hasattr(extractor, attribute)]:
        raise InputError(f"{name} lacks {', '.join(missing)}; see gansmith.networks.extractors.Extractor")
    return extractor


class UserExtractor:
    """A function (n, H, W, C) uint8 -> (n, d) float, called with at most 100 images at a time.

    d is the function's attribute ``dimensions`` where it has one; else it is tried on black images of
    64 x 64 RGB. Its features are kept in a cache only where it has an attribute ``checksum``, any string,
    for whoever wrote it knows what else they hang on: weights, other modules.

    Args:
        name: ``module:function``.
        function: the user's.
    Raises: InputError: when it fails, or what it gives is not (n, d) floats.
    Check: a function that flattens gives its images' bytes; ``checksum`` is its own, else follows its source.
    """

    resize = "the function's own"

    def __init__(self, name: str, function: Callable[[np.ndarray], Any]):
        self.name = self.family = name
        self.function = function
        declared = getattr(function, "checksum", None)
        self.cached = declared is not None
        self.checksum = hashlib.sha256(str(declared if self.cached else _source(function)).encode()).hexdigest()
        known = getattr(function, "dimensions", None)
        self.dimensions = int(known) if known else self._of(np.zeros(TRIED, np.uint8)).shape[1]

    def features(self, images: np.ndarray, progress: Progress | None = None) -> np.ndarray:
        """(n, H, W, C) uint8 with 1, 3 or 4 channels -> (n, dimensions) float32.

        Raises: InputError: when the images are not uint8 of that shape, or as the class says.
        """
        check_images(images)
        out = np.empty((len(images), self.dimensions), np.float32)
        for start in range(0, len(images), AT_ONCE):
            found = self._of(np.asarray(images[start : start + AT_ONCE]))
            if found.shape[1] != self.dimensions:
                raise InputError(
                    f"{self.name} gave {found.shape[1]} numbers an image and {self.dimensions} are expected; "
                    f"resize in it, or set its attribute dimensions"
                )
            out[start : start + len(found)] = found
            if progress is not None:
                progress.advance(start + len(found))
        return out

    def _of(self, images: np.ndarray) -> np.ndarray:
        try:
            found = np.asarray(self.function(images))
        except Exception as error:
            said = (str(error).strip().splitlines() or [""])[0]
            raise InputError(f"{self.name} failed on images {images.shape}: {type(error).__name__}: {said}") from error
        if found.ndim != 2 or len(found) != len(images) or found.dtype.kind != "f":
            raise InputError(f"{self.name} must give ({len(images)}, d) floats, not {found.shape} {found.dtype}")
        return found


def _source(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(inspect.getmodule(function) or function)
    except (OSError, TypeError):
        return repr(getattr(function, "__qualname__", type(function)))
