"""One picture to one size: a centre crop to the shape asked for, then an antialiased resize."""

import numpy as np
from PIL import Image

RULE = "centre crop to the shape asked for, then LANCZOS with antialiasing"


def crop_box(size: tuple[int, int], target: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest centred (left, top, right, bottom) within ``size`` of the shape of ``target``.

    >>> crop_box((100, 50), (64, 64))
    (25.0, 0.0, 75.0, 50.0)
    """
    (width, height), (wide, high) = size, target
    scale = min(width / wide, height / high)
    cut_x, cut_y = (width - wide * scale) / 2, (height - high * scale) / 2
    return max(cut_x, 0.0), max(cut_y, 0.0), min(width - cut_x, width), min(height - cut_y, height)


def fit(image: Image.Image, width: int, height: int) -> Image.Image:
    """Crop and resize; an image that has the size already is left as it is.

    Check: a constant image stays constant; transparent pixels do not bleed their colour into others.
    """
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.LANCZOS, box=crop_box(image.size, (width, height)))


def as_array(image: Image.Image) -> np.ndarray:
    """A Pillow image of mode L, RGB or RGBA -> (H, W, C) uint8."""
    array = np.asarray(image, dtype=np.uint8)
    return array[..., None] if array.ndim == 2 else array
