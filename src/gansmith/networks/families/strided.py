"""Small strided networks: every convolution halves or doubles, so that two cores see many images.

A convolution at full resolution costs four times the strided one that replaces it; at a budget of
minutes, images seen are worth more than layers.

Source: the layout of DCGAN (Radford et al. 2016, arXiv:1511.06434), drawn thinner.
"""

from itertools import pairwise

from torch import Tensor, nn

from gansmith.networks import Family
from gansmith.networks.canvas import Canvas, widths
from gansmith.networks.conditioning import Head, LabelledLatent, LabelMap, joined_and_normalised
from gansmith.networks.critic import Critic
from gansmith.networks.deviation import BatchDeviation
from gansmith.networks.normalisation import LabelledStages, batch_norm


class StridedGenerator(nn.Module):
    """z and label -> image, by a linear layer and transposed 4x4 convolutions of stride 2.

    Args:
        resolution: (height, width) of the image.
        channels: of the image.
        classes: number of labels, 0 for none.
        latent: length of z, drawn from N(0, I).
        width: channels before the last convolution; doubled at every coarser stage.
        conditioning: where the label comes in: "concatenation" with the latent, or in "normalisation".
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
        joined, normalised = joined_and_normalised(classes, conditioning)
        self.canvas = Canvas.of(resolution)
        self.latent, self.classes = latent, classes
        sizes = widths(width, self.canvas.doublings)[::-1]
        self.label = LabelledLatent(latent, joined)
        self.start = nn.Linear(self.label.features, sizes[0] * self.canvas.area, bias=False)
        stages: list[nn.Module] = [batch_norm(sizes[0], normalised), nn.ReLU(inplace=True)]
        for before, after in pairwise(sizes):
            stages += [
                nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False),
                batch_norm(after, normalised),
                nn.ReLU(inplace=True),
            ]
        self.stages = LabelledStages(*stages)
        self.to_image = nn.ConvTranspose2d(sizes[-1], channels, 4, 2, 1)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), (N,) -> (N, C, H, W) in [-1, 1]."""
        x = self.start(self.label(z, labels)).unflatten(1, (self.canvas.base[0], self.canvas.base[1], -1))
        x = self.stages(x.permute(0, 3, 1, 2), labels)
        return self.canvas.crop(self.to_image(x)).tanh()


class StridedCritic(Critic):
    """Image and label -> logit, by 4x4 convolutions of stride 2, a 3x3 and a linear layer.

    No normalisation. Arguments as in the generator; ``width`` is the channels after the first
    convolution, ``conditioning`` as in the critic's ``Head``; ``group`` rows at a time are compared
    with one another (0: each is judged by itself).
    """

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        width: int = 16,
        conditioning: str = "projection",
        group: int = 0,
    ):
        super().__init__()
        self.canvas = Canvas.of(resolution)
        self.label = LabelMap(classes if conditioning == "concatenation" else 0, self.canvas.base)
        sizes = widths(width, self.canvas.doublings)
        stages: list[nn.Module] = []
        for before, after in pairwise([channels + self.label.channels, *sizes]):
            stages += [nn.Conv2d(before, after, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        if group:
            stages.append(BatchDeviation(group))
        stages += [nn.Conv2d(sizes[-1] + bool(group), sizes[-1], 3, 1, 1), nn.LeakyReLU(0.2, inplace=True)]
        self.stages = nn.Sequential(*stages)
        self.head = Head(sizes[-1] * self.canvas.area, classes, conditioning)

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> the last map, (N, F), in the order in which it lies in memory."""
        return self.stages(self.label(self.canvas.extend(images), labels)).permute(0, 2, 3, 1).flatten(1)


strided = Family(StridedGenerator, StridedCritic, compares_rows=True)
