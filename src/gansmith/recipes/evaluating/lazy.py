"""Real images that stay on the disk until a metric asks for some of them."""

from typing import Any

import numpy as np

from gansmith.networks.extractors._prepare import on_white


class Rows:
    """Rows of memory-mapped images, read when they are indexed along the first axis.

    Args:
        held: (N, H, W, C) uint8.
        rows: (n,) integers.
        channels: that they are to have; see ``common``.
    Check: equals ``with_channels(held[rows], channels)`` however it is indexed.
    """

    ndim = 4
    dtype = np.dtype(np.uint8)

    def __init__(self, held: np.ndarray, rows: np.ndarray, channels: int):
        self.held, self.rows, self.channels = held, rows, channels
        self.shape = (len(rows), *held.shape[1:3], channels)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Any) -> np.ndarray:
        if isinstance(key, (int, np.integer)):
            return self[np.array([key])][0]
        return with_channels(np.asarray(self.held[self.rows[key]]), self.channels)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype, copy=False)


def common(one: int, other: int) -> int:
    """How many channels two sets both get: alpha is given up, and grey becomes RGB, where only one set has it.

    Check: equal numbers stay; 1 beside 4 gives 3.
    """
    return one if one == other else max(min(one, 3), min(other, 3))


def with_channels(images: np.ndarray, channels: int) -> np.ndarray:
    """(n, H, W, C) with that many channels: alpha is composited on white, grey copied."""
    if images.shape[3] == channels:
        return images
    images = on_white(images) if images.shape[3] == 4 else images
    return images if images.shape[3] == channels else np.repeat(images, channels, 3)
