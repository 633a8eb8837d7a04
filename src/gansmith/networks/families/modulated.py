"""The strided networks, deeper where maps are small, and with the latent's word in every stage of the generator.

A 3x3 at 4 and 8 pixels costs little beside the convolutions that lead up to full resolution; and a latent that
only fills the coarsest map has to be carried through every stage.

Source: Chen et al. 2019, arXiv:1810.01365 (self-modulation); He et al. 2015, arXiv:1512.03385 (x + f(x)).
"""

from itertools import pairwise

from torch import Tensor, nn

from gansmith.networks import Family
from gansmith.networks.canvas import Canvas, widths
from gansmith.networks.conditioning import LabelledLatent
from gansmith.networks.families.strided import StridedCritic
from gansmith.networks.normalisation import LabelledStages, ModulatedNorm


class Refine(nn.Module):
    """x + relu(norm(3x3(x))): (N, C, H, W) -> the same shape, nothing at the edges of the map left out."""

    def __init__(self, channels: int):
        super().__init__()
        self.change = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.change(x)


class ModulatedGenerator(nn.Module):
    """z and label -> image, by a linear layer, refinements and transposed 4x4 convolutions of stride 2.

    Args:
        resolution: (height, width) of the image.
        channels: of the image.
        classes: number of labels, 0 for none.
        latent: length of z, drawn from N(0, I).
        width: channels before the last convolution; doubled at every coarser stage.
        conditioning: where the label comes in: "concatenation" with the latent in all places, or in the
            "normalisation" alone.
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
        super().__init__()
        self.canvas = Canvas.of(resolution)
        self.latent, self.classes = latent, classes
        self.everywhere = conditioning == "concatenation"
        sizes = widths(width, self.canvas.doublings)[::-1]
        self.label = LabelledLatent(latent, classes)
        known = self.label.features
        self.start = nn.Linear(known if self.everywhere else latent, sizes[0] * self.canvas.area, bias=False)
        stages: list[nn.Module] = [ModulatedNorm(sizes[0], known), nn.ReLU(inplace=True)]
        for before, after in pairwise(sizes):
            stages += [
                Refine(before),
                nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False),
                ModulatedNorm(after, known),
                nn.ReLU(inplace=True),
            ]
        self.stages = LabelledStages(*stages)
        self.to_image = nn.ConvTranspose2d(sizes[-1], channels, 4, 2, 1)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), (N,) -> (N, C, H, W) in [-1, 1]."""
        code = self.label(z, labels)
        x = self.start(code if self.everywhere else z).unflatten(1, (*self.canvas.base, -1))
        x = self.stages(x.permute(0, 3, 1, 2), code)
        return self.canvas.crop(self.to_image(x)).tanh()


modulated = Family(ModulatedGenerator, StridedCritic, compares_rows=True)
