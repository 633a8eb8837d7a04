"""Multilayer perceptrons on flattened images: every pixel sees every other, and nothing is known of place.

Source: Goodfellow et al. 2014, arXiv:1406.2661, section 5; here with LeakyReLU throughout.
"""

from math import prod

from torch import Tensor

from gansmith.core.errors import InputError
from gansmith.networks import Family
from gansmith.networks.points import PointCritic, PointGenerator

HIDDEN = 16  # times the width, so that sizes mean about as much work as in the convolutional families
WIDEST = 1024
LARGEST = 256 * 256 * 4
DEPTH = 3


def _values(resolution: tuple[int, int], channels: int) -> int:
    values = prod(resolution) * channels
    if values > LARGEST:
        raise InputError(f"the mlp draws images of at most {LARGEST:,} values, not {values:,}; choose strided")
    return values


class MlpGenerator(PointGenerator):
    """z and label -> image; arguments as in the strided generator.

    ``width`` times 16 (at most 1024) is the size of the three hidden layers.
    Raises: InputError: for an image of more than 256 x 256 x 4 values.
    """

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        latent: int = 64,
        width: int = 32,
        conditioning: str = "concatenation",
    ):
        assert conditioning == "concatenation", "there is no batch normalisation here"
        super().__init__(_values(resolution, channels), classes, latent, min(width * HIDDEN, WIDEST), DEPTH)
        self.shape = (channels, *resolution)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), (N,) -> (N, C, H, W) in [-1, 1]."""
        return super().forward(z, labels).tanh().unflatten(1, self.shape)


class MlpCritic(PointCritic):
    """Image and label -> logit; arguments and errors as in the generator, no normalisation."""

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        width: int = 16,
        conditioning: str = "projection",
    ):
        super().__init__(_values(resolution, channels), classes, min(width * HIDDEN, WIDEST), DEPTH, conditioning)

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> the last hidden layer, (N, F)."""
        return super().features(images.flatten(1), labels)


mlp = Family(MlpGenerator, MlpCritic, conditionings=("concatenation",))
