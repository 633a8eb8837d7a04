"""What every extractor does to an image first: grey or alpha to RGB, then Pillow's antialiased resize."""

from collections.abc import Iterable

import numpy as np
from PIL import Image

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress


def check_images(images: np.ndarray) -> None:
    """Raises: InputError: unless the images are (n, H, W, C) uint8 with n, H, W >= 1 and 1, 3 or 4 channels."""
    if images.ndim != 4 or images.dtype != np.uint8 or images.shape[3] not in (1, 3, 4) or 0 in images.shape:
        raise InputError(
            f"features are taken of (n, H, W, C) uint8 images with 1, 3 or 4 channels, "
            f"not of {images.shape} {images.dtype}; convert them first"
        )


def on_white(images: np.ndarray) -> np.ndarray:
    """(n, H, W, 4) uint8 -> (n, H, W, 3) uint8, composited on white and rounded to nearest.

    Check: alpha 255 leaves the colour, alpha 0 gives 255.
    """
    colour, alpha = images[..., :3].astype(np.uint16), images[..., 3:].astype(np.uint16)
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def resized(images: np.ndarray, size: int) -> np.ndarray:
    """(n, H, W, 1 or 3) uint8 -> (n, size, size, 1 or 3) uint8 by Pillow's antialiased bicubic filter.

    An image that is not square is resized in both directions to size x size, so its aspect changes.
    """
    if images.shape[1:3] == (size, size):
        return images
    grey = images.shape[3] == 1
    out = np.empty((len(images), size, size, images.shape[3]), np.uint8)
    for row, image in enumerate(images):
        picture = Image.fromarray(image[..., 0] if grey else image)
        out[row] = np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC)).reshape(out.shape[1:])
    return out


def prepared(images: np.ndarray, size: int) -> np.ndarray:
    """(n, H, W, 1, 3 or 4) uint8 -> (n, size, size, 1 or 3) uint8."""
    return resized(on_white(images) if images.shape[3] == 4 else images, size)


def gathered(parts: Iterable[np.ndarray], count: int, dimensions: int, progress: Progress | None) -> np.ndarray:
    """(count, dimensions) float32 of parts (m, dimensions) in a row; ``progress`` is told of the rows done."""
    out = np.empty((count, dimensions), np.float32)
    done = 0
    for part in parts:
        out[done : done + len(part)] = part
        done += len(part)
        if progress is not None:
            progress.advance(done)
    return out
