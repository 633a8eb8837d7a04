"""Residual networks with batch normalisation in the generator and spectral normalisation in the critic (SNGAN).

Source: Miyato et al. 2018, arXiv:1802.05957, appendix B.4: blocks, sum pooling, Xavier's initial weights.
"""

import math
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from gansmith.networks import Family
from gansmith.networks.canvas import Canvas, widths
from gansmith.networks.conditioning import Head, LabelledLatent, LabelMap, joined_and_normalised
from gansmith.networks.constraints import constrain
from gansmith.networks.critic import Critic
from gansmith.networks.normalisation import LabelledStages, batch_norm

WIDEST = 1024


def _convolution(before: int, after: int, size: int, bias: bool = True) -> nn.Conv2d:
    convolution = nn.Conv2d(before, after, size, padding=size // 2, bias=bias)
    nn.init.xavier_uniform_(convolution.weight, math.sqrt(2) if size > 1 else 1.0)
    return convolution


class Doubling(nn.Module):
    """x enlarged to nearest, through a 1x1 where the width changes, plus two normalised 3x3 convolutions.

    No biases: the next normalisation would take them away.
    """

    takes_labels = True

    def __init__(self, before: int, after: int, classes: int):
        super().__init__()
        self.direct = _convolution(before, after, 1, bias=False) if before != after else nn.Identity()
        self.inside = LabelledStages(
            batch_norm(before, classes),
            nn.ReLU(inplace=True),
            nn.Upsample(scale_factor=2),
            _convolution(before, after, 3, bias=False),
            batch_norm(after, classes),
            nn.ReLU(inplace=True),
            _convolution(after, after, 3, bias=False),
        )

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, before, H, W), (N,) -> (N, after, 2 H, 2 W)."""
        return interpolate(self.direct(x), scale_factor=2) + self.inside(x, labels)


class Halving(nn.Module):
    """The mean of 2x2 of: x through a 1x1, plus x through ReLU and 3x3 twice.

    Args:
        before, after: channels.
        first: whether x is the image, which is not rectified.
        halves: whether the mean is taken; otherwise the size stays.
    """

    def __init__(self, before: int, after: int, first: bool = False, halves: bool = True):
        super().__init__()
        self.halves = halves
        self.direct = _convolution(before, after, 1) if before != after else nn.Identity()
        self.inside = nn.Sequential(
            nn.Identity() if first else nn.ReLU(),
            _convolution(before, after, 3),
            nn.ReLU(inplace=True),
            _convolution(after, after, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, after, H / 2, W / 2)."""
        inside = self.inside(x)
        if not self.halves:
            return self.direct(x) + inside
        return self.direct(avg_pool2d(x, 2)) + avg_pool2d(inside, 2)  # a 1x1 costs a quarter after the mean


class SnResnetGenerator(nn.Module):
    """z and label -> image, by residual blocks; arguments as in the strided generator."""

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        latent: int = 128,
        width: int = 32,
        conditioning: str = "concatenation",
    ):
        super().__init__()
        joined, normalised = joined_and_normalised(classes, conditioning)
        self.canvas = Canvas.of(resolution)
        self.latent, self.classes = latent, classes
        sizes = widths(width, self.canvas.doublings + 1, WIDEST)[::-1]
        self.label = LabelledLatent(latent, joined)
        self.start = nn.Linear(self.label.features, sizes[0] * self.canvas.area, bias=False)
        nn.init.xavier_uniform_(self.start.weight)
        self.stages = LabelledStages(
            *[Doubling(before, after, normalised) for before, after in pairwise(sizes)],
            batch_norm(sizes[-1], normalised),
            nn.ReLU(inplace=True),
        )
        self.to_image = _convolution(sizes[-1], channels, 3)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), (N,) -> (N, C, H, W) in [-1, 1]."""
        x = self.start(self.label(z, labels)).unflatten(1, (*self.canvas.base, -1)).permute(0, 3, 1, 2)
        return self.canvas.crop(self.to_image(self.stages(x, labels))).tanh()


class SnResnetCritic(Critic):
    """Image and label -> logit: residual blocks down to the base, one more there, and the sum over places.

    Rows do not see each other, so gradient penalties may be added. Arguments as in the strided critic.
    """

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        width: int = 16,
        conditioning: str = "projection",
    ):
        super().__init__()
        self.canvas = Canvas.of(resolution)
        self.label = LabelMap(classes if conditioning == "concatenation" else 0, self.canvas.base)
        sizes = widths(width, self.canvas.doublings, WIDEST)
        stages: list[nn.Module] = [Halving(channels + self.label.channels, sizes[0], first=True)]
        stages += [Halving(before, after) for before, after in pairwise(sizes)]
        self.stages = nn.Sequential(*stages, Halving(sizes[-1], sizes[-1], halves=False), nn.ReLU(inplace=True))
        self.head = Head(sizes[-1], classes, conditioning)
        constrain(self, "spectral")

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> sums over places, (N, F)."""
        return self.stages(self.label(self.canvas.extend(images), labels)).sum((2, 3))


sn_resnet = Family(SnResnetGenerator, SnResnetCritic)
