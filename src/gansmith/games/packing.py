"""Packing: the critic judges several images as one sample, and so sees whether they differ.

Source: Lin et al. 2018, arXiv:1712.04086 (PacGAN).
"""

from torch import Tensor


def pack(images: Tensor, size: int) -> Tensor:
    """(N, C, ...) -> (N / size, size * C, ...): neighbours become channels of one sample.

    Raises: ValueError: when N is no multiple of size.
    Check: unpack(pack(x, 2), 2) == x; a size of 1 returns the images as they are.
    """
    if size == 1:
        return images
    if len(images) % size:
        raise ValueError(f"{len(images)} images cannot be packed by {size}")
    return images.reshape(len(images) // size, size * images.shape[1], *images.shape[2:])


def unpack(packed: Tensor, size: int) -> Tensor:
    """(N / size, size * C, ...) -> (N, C, ...)."""
    if size == 1:
        return packed
    return packed.reshape(len(packed) * size, packed.shape[1] // size, *packed.shape[2:])
