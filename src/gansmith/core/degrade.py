"""Ways to make a picture worse: what a translator that mends sees in training, and again when it is used."""

import numpy as np
from PIL import Image

GROUND = 128


def coarse(picture: np.ndarray, factor: int) -> np.ndarray:
    """(H, W, C) uint8 -> the same shape, without what a picture smaller by the factor cannot hold."""
    height, width = picture.shape[:2]
    return resized(resized(picture, width // factor, height // factor), width, height)


def resized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """(H, W, C) uint8 -> (height, width, C), bicubic, channel by channel."""
    sides = [Image.fromarray(np.ascontiguousarray(picture[..., c])) for c in range(picture.shape[2])]
    return np.stack([np.asarray(side.resize((width, height), Image.Resampling.BICUBIC)) for side in sides], -1)


def holed(picture: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(H, W, C) uint8 and (H, W) bool -> (H, W, C + 1) uint8.

    A hole, where nothing is known, is mid-grey; the last channel is 0 there and 255 elsewhere.
    """
    shown = np.where(known[..., None], picture, GROUND).astype(np.uint8)
    return np.concatenate([shown, np.where(known, 255, 0).astype(np.uint8)[..., None]], -1)
