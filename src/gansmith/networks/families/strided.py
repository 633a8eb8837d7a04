"""Small strided networks: every convolution halves or doubles, so that two cores see many images.

A convolution at full resolution costs four times the strided one that replaces it; at a budget of
minutes, images seen are worth more than layers.

Source: the layout of DCGAN (Radford et al. 2016, arXiv:1511.06434), drawn thinner.
"""

from torch import Tensor, nn

from gansmith.networks import Family
from gansmith.networks.canvas import Canvas
from gansmith.networks.conditioning import LabelledLatent, ProjectionHead

WIDEST = 512


def _widths(finest: int, stages: int) -> list[int]:
    """Channels from fine to coarse, doubling up to WIDEST. Check: _widths(16, 3) == [16, 32, 64]."""
    return [min(finest * 2**stage, WIDEST) for stage in range(stages)]


class StridedGenerator(nn.Module):
    """z and label -> image, by a linear layer and transposed 4x4 convolutions of stride 2.

    Args:
        resolution: (height, width) of the image.
        channels: of the image.
        classes: number of labels, 0 for none.
        latent: length of z, drawn from N(0, I).
        width: channels before the last convolution; doubled at every coarser stage.
    """

    def __init__(self, resolution: tuple[int, int], channels: int, classes: int = 0, latent: int = 64, width: int = 32):
        super().__init__()
        self.canvas = Canvas.of(resolution)
        self.latent, self.classes = latent, classes
        widths = _widths(width, self.canvas.doublings)[::-1]
        self.label = LabelledLatent(latent, classes)
        self.start = nn.Linear(self.label.features, widths[0] * self.canvas.base[0] * self.canvas.base[1], bias=False)
        stages: list[nn.Module] = [nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True)]
        for before, after in zip(widths, widths[1:], strict=False):
            stages += [
                nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
            ]
        self.stages = nn.Sequential(*stages)
        self.to_image = nn.ConvTranspose2d(widths[-1], channels, 4, 2, 1)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), (N,) -> (N, C, H, W) in [-1, 1]."""
        x = self.start(self.label(z, labels)).unflatten(1, (self.canvas.base[0], self.canvas.base[1], -1))
        x = self.stages(x.permute(0, 3, 1, 2))
        return self.canvas.crop(self.to_image(x)).tanh()


class StridedCritic(nn.Module):
    """Image and label -> logit, by 4x4 convolutions of stride 2, a 3x3 and a linear layer.

    No normalisation, so that gradient penalties are per sample. Arguments as in the generator;
    ``width`` is the channels after the first convolution.
    """

    def __init__(self, resolution: tuple[int, int], channels: int, classes: int = 0, width: int = 16):
        super().__init__()
        self.canvas = Canvas.of(resolution)
        widths = _widths(width, self.canvas.doublings)
        stages: list[nn.Module] = []
        for before, after in zip([channels, *widths], widths, strict=False):
            stages += [nn.Conv2d(before, after, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        stages += [nn.Conv2d(widths[-1], widths[-1], 3, 1, 1), nn.LeakyReLU(0.2, inplace=True)]
        self.stages = nn.Sequential(*stages)
        self.head = ProjectionHead(widths[-1] * self.canvas.base[0] * self.canvas.base[1], classes)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> logits (N,)."""
        return self.head(self.stages(self.canvas.extend(images)).flatten(1), labels)


strided = Family(StridedGenerator, StridedCritic)
