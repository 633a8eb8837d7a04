"""Several augmentations, one after the other."""

from collections.abc import Callable, Sequence

from torch import Tensor


class Together:
    """Applies each part to what the part before gave."""

    def __init__(self, parts: Sequence[Callable[[Tensor, int, str, int], Tensor]]):
        self.parts = list(parts)

    def __call__(self, images: Tensor, seed: int, purpose: str, step: int) -> Tensor:
        """(N, C, H, W) -> the same shape."""
        for part in self.parts:
            images = part(images, seed, purpose, step)
        return images
