"""DCGAN: transposed and strided 4x4 convolutions with batch normalisation in both players.

Source: Radford et al. 2016, arXiv:1511.06434, section 3 (all weights from N(0, 0.02)).
"""

from torch import Tensor, nn

from gansmith.networks import Family
from gansmith.networks.canvas import Canvas
from gansmith.networks.conditioning import ProjectionHead
from gansmith.networks.families.strided import StridedGenerator, _widths


def _initialise(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
        nn.init.normal_(module.weight, std=0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)


class DcganGenerator(StridedGenerator):
    """The strided generator with DCGAN's initial weights; arguments and shapes are the same."""

    def __init__(
        self, resolution: tuple[int, int], channels: int, classes: int = 0, latent: int = 100, width: int = 32
    ):
        super().__init__(resolution, channels, classes, latent, width)
        self.apply(_initialise)


class DcganCritic(nn.Module):
    """4x4 convolutions of stride 2, batch normalisation in all but the first, one linear layer.

    Real and fake images must be shown in batches of their own: the statistics are the batch's.
    """

    def __init__(self, resolution: tuple[int, int], channels: int, classes: int = 0, width: int = 32):
        super().__init__()
        self.canvas = Canvas.of(resolution)
        widths = _widths(width, self.canvas.doublings)
        stages: list[nn.Module] = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        for before, after in zip(widths, widths[1:], strict=False):
            stages += [
                nn.Conv2d(before, after, 4, 2, 1, bias=False),
                nn.BatchNorm2d(after),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        self.stages = nn.Sequential(*stages)
        self.head = ProjectionHead(widths[-1] * self.canvas.base[0] * self.canvas.base[1], classes)
        self.apply(_initialise)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> logits (N,)."""
        return self.head(self.stages(self.canvas.extend(images)).flatten(1), labels)


dcgan = Family(DcganGenerator, DcganCritic)
