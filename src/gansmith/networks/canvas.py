"""Any resolution on networks that halve and double: a canvas a little larger than the image, and its widths."""

import math
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import pad

WIDEST = 512


def widths(finest: int, stages: int, widest: int = WIDEST) -> list[int]:
    """Channels from fine to coarse, doubling up to ``widest``. Check: widths(16, 3) == [16, 32, 64]."""
    return [min(finest * 2**stage, widest) for stage in range(stages)]


@dataclass(frozen=True)
class Canvas:
    """The padded size on which a network works.

    Attributes:
        base: (height, width) of the coarsest map, 4 to 7 on the shorter side.
        doublings: from the base to the canvas.
        margins: (left, right, top, bottom) pixels around the image.
    Check: 28 px works on 32 = 4 * 2**3; 64 px on 64; crop(extend(x)) == x.
    """

    base: tuple[int, int]
    doublings: int
    margins: tuple[int, int, int, int]

    @classmethod
    def of(cls, resolution: tuple[int, int]) -> "Canvas":
        """The canvas of an image of (height, width) pixels."""
        height, width = resolution
        doublings = max(1, round(math.log2(min(height, width) / 4.3)))
        base = (math.ceil(height / 2**doublings), math.ceil(width / 2**doublings))
        extra_y, extra_x = base[0] * 2**doublings - height, base[1] * 2**doublings - width
        left, top = extra_x // 2, extra_y // 2
        return cls(base, doublings, (left, extra_x - left, top, extra_y - top))

    @property
    def area(self) -> int:
        """Positions of the coarsest map."""
        return self.base[0] * self.base[1]

    def extend(self, images: Tensor) -> Tensor:
        """(N, C, H, W) -> the canvas, zeros (mid-grey) around the image."""
        return pad(images, self.margins) if any(self.margins) else images

    def crop(self, canvas: Tensor) -> Tensor:
        """The canvas -> (N, C, H, W), the margins cut away."""
        left, right, top, bottom = self.margins
        return canvas[..., top : canvas.shape[-2] - bottom, left : canvas.shape[-1] - right]
