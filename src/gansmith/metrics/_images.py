"""What metrics on images share: colours without alpha, grey levels, parts of bounded size."""

import math
from collections.abc import Iterator

import numpy as np

from gansmith.metrics.evidence import Images
from gansmith.networks.extractors._prepare import on_white

LUMA = (0.299, 0.587, 0.114)
PART_VALUES = 4_000_000


def colours(images: np.ndarray) -> np.ndarray:
    """(n, H, W, 1, 3 or 4) uint8 -> (n, H, W, 1 or 3) uint8; alpha is composited on white."""
    return on_white(images) if images.shape[3] == 4 else images


def greys(images: np.ndarray) -> np.ndarray:
    """(n, H, W, 1, 3 or 4) uint8 -> (n, H, W) float64 in 0..255, the luma of Rec. 601."""
    coloured = colours(images).astype(np.float64)
    return coloured[..., 0] if coloured.shape[3] == 1 else coloured @ np.array(LUMA)


def parts(images: Images) -> Iterator[np.ndarray]:
    """The images in order, some 4 million values at a time; they may be memory-mapped."""
    step = max(1, PART_VALUES // max(1, math.prod(images.shape[1:])))
    for start in range(0, len(images), step):
        yield np.asarray(images[start : start + step])
