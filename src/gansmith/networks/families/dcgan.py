"""DCGAN: transposed and strided 4x4 convolutions with batch normalisation in both players.

Source: Radford et al. 2016, arXiv:1511.06434, section 3 (all weights from N(0, 0.02)).
"""

from itertools import pairwise

from torch import Tensor, nn

from gansmith.networks import Family
from gansmith.networks.canvas import Canvas, widths
from gansmith.networks.conditioning import Head, LabelMap
from gansmith.networks.critic import Critic
from gansmith.networks.families.strided import StridedGenerator


def _initialise(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
        nn.init.normal_(module.weight, std=0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)


class DcganGenerator(StridedGenerator):
    """The strided generator with DCGAN's initial weights; arguments and shapes are the same."""

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        latent: int = 100,
        width: int = 32,
        conditioning: str = "concatenation",
    ):
        super().__init__(resolution, channels, classes, latent, width, conditioning)
        self.apply(_initialise)


class DcganCritic(Critic):
    """4x4 convolutions of stride 2, batch normalisation in all but the first, one linear layer.

    Real and fake images must be shown in batches of their own: the statistics are the batch's.
    """

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        width: int = 32,
        conditioning: str = "projection",
    ):
        super().__init__()
        self.canvas = Canvas.of(resolution)
        self.label = LabelMap(classes if conditioning == "concatenation" else 0, self.canvas.base)
        sizes = widths(width, self.canvas.doublings)
        first = nn.Conv2d(channels + self.label.channels, sizes[0], 4, 2, 1)
        stages: list[nn.Module] = [first, nn.LeakyReLU(0.2, inplace=True)]
        for before, after in pairwise(sizes):
            stages += [
                nn.Conv2d(before, after, 4, 2, 1, bias=False),
                nn.BatchNorm2d(after),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        self.stages = nn.Sequential(*stages)
        self.head = Head(sizes[-1] * self.canvas.area, classes, conditioning)
        self.apply(_initialise)

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> the last map, (N, F)."""
        return self.stages(self.label(self.canvas.extend(images), labels)).flatten(1)


dcgan = Family(DcganGenerator, DcganCritic, batch_statistics=True)
