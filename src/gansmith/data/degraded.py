"""Pictures that were made worse on purpose, read as if they lay on the disk: what a translator learns to mend.

They are made when they are asked for, a function of the row alone.
"""

from dataclasses import dataclass

import numpy as np

from gansmith.core.degrade import coarse, holed
from gansmith.core.seeds import derived_seed

SMALLEST_SIDE, LARGEST_SIDE = 0.2, 0.5


@dataclass(frozen=True)
class Coarse:
    """Pictures made smaller by a factor and enlarged again, both bicubic (made smaller with antialiasing).

    Args:
        images: (n, H, W, C) uint8, H and W multiples of the factor.
        factor: such as 4.
    Check: constant pictures stay as they are.
    """

    images: np.ndarray
    factor: int

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, H, W, C)."""
        return self.images.shape

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: np.ndarray | slice) -> np.ndarray:
        """(m, H, W, C) uint8."""
        return np.stack([coarse(picture, self.factor) for picture in self.images[rows]])


@dataclass(frozen=True)
class Holed:
    """Pictures with a hole: mid-grey where something is missing, and a last channel that is 0 there and 255 elsewhere.

    The hole is a rectangle, or two, of a fifth to a half of each side, at a place that hangs on the row.

    Args:
        images: (n, H, W, C) uint8.
        seed: of the places.
    """

    images: np.ndarray
    seed: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, H, W, C + 1)."""
        return (*self.images.shape[:-1], self.images.shape[-1] + 1)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: np.ndarray | slice) -> np.ndarray:
        """(m, H, W, C + 1) uint8."""
        numbers = np.arange(len(self.images))[rows]
        return np.stack([holed(self.images[row], self._known(int(row))) for row in numbers])

    def _known(self, row: int) -> np.ndarray:
        height, width = self.images.shape[1:3]
        known = np.ones((height, width), bool)
        rng = np.random.default_rng(derived_seed(self.seed, "holes", row))
        for _ in range(rng.integers(1, 3)):
            high, wide = (int(side * rng.uniform(SMALLEST_SIDE, LARGEST_SIDE)) for side in (height, width))
            top, left = rng.integers(0, height - high + 1), rng.integers(0, width - wide + 1)
            known[top : top + high, left : left + wide] = False
        return known
