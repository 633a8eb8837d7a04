"""FastGAN: light gated convolutions with skip-layer excitation; the critic also learns to reconstruct.

The critic is a compact form: one scale, one decoder of the whole image, and an absolute error where
the paper has crops, several scales and a perceptual distance.

Source: Liu et al. 2021, arXiv:2101.04775, section 3.
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from gansmith.networks import Family
from gansmith.networks.canvas import Canvas, widths
from gansmith.networks.conditioning import Head, LabelledLatent, LabelMap, joined_and_normalised
from gansmith.networks.constraints import constrain
from gansmith.networks.critic import Critic
from gansmith.networks.normalisation import LabelledStages, batch_norm

REACH = 4  # doublings from the map that excites to the one that is excited: 4 px to 64, 8 to 128


def _gated(before: int, after: int, classes: int = 0) -> LabelledStages:
    """(N, before, H, W) -> (N, after, 2 H, 2 W): enlarge to nearest, 3x3, normalise, gate."""
    return LabelledStages(
        nn.Upsample(scale_factor=2),
        nn.Conv2d(before, 2 * after, 3, padding=1, bias=False),
        batch_norm(2 * after, classes),
        nn.GLU(1),
    )


class Excitation(nn.Module):
    """A fine map whose channels are scaled by what a coarse map says: (N, fine, ...), (N, coarse, ...) -> the first.

    Check: the scales lie between 0 and 1.
    """

    def __init__(self, coarse: int, fine: int):
        super().__init__()
        self.scale = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Conv2d(coarse, fine, 4),
            nn.LeakyReLU(0.1),
            nn.Conv2d(fine, fine, 1),
            nn.Sigmoid(),
        )

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        return fine * self.scale(coarse)


class FastganGenerator(nn.Module):
    """z and label -> image; arguments as in the strided generator.

    A latent that is longer than usual is brought back to root mean square 1. The paper does so with
    shorter ones as well, but then truncation, which shortens them, would do nothing.
    """

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        latent: int = 256,
        width: int = 32,
        conditioning: str = "concatenation",
    ):
        super().__init__()
        joined, normalised = joined_and_normalised(classes, conditioning)
        self.canvas = Canvas.of(resolution)
        self.latent, self.classes = latent, classes
        sizes = widths(width, self.canvas.doublings + 1)[::-1]
        self.label = LabelledLatent(latent, joined)
        self.start = LabelledStages(
            nn.ConvTranspose2d(self.label.features, 2 * sizes[0], self.canvas.base, bias=False),
            batch_norm(2 * sizes[0], normalised),
            nn.GLU(1),
        )
        self.stages = nn.ModuleList(_gated(before, after, normalised) for before, after in pairwise(sizes))
        self.reach = min(REACH, self.canvas.doublings)
        self.skips = nn.ModuleList(Excitation(*pair) for pair in zip(sizes, sizes[self.reach :]))
        self.to_image = nn.Conv2d(sizes[-1], channels, 3, padding=1)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), (N,) -> (N, C, H, W) in [-1, 1]."""
        z = z / z.square().mean(1, keepdim=True).sqrt().clamp_min(1)
        maps = [self.start(self.label(z, labels)[:, :, None, None], labels)]
        for stage in self.stages:
            x = stage(maps[-1], labels)
            coarse = len(maps) - self.reach
            maps.append(self.skips[coarse](x, maps[coarse]) if coarse >= 0 else x)
        return self.canvas.crop(self.to_image(maps[-1])).tanh()


class Halving(nn.Module):
    """The mean of a deep way (4x4 of stride 2, 3x3) and a direct one (2x2 mean, 1x1) to half the size."""

    def __init__(self, before: int, after: int):
        super().__init__()
        self.deep = nn.Sequential(
            nn.Conv2d(before, after, 4, 2, 1, bias=False),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2, inplace=True),
        )
        self.direct = nn.Sequential(
            nn.AvgPool2d(2),
            nn.Conv2d(before, after, 1, bias=False),
            nn.BatchNorm2d(after),
            nn.LeakyReLU(0.2, inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, after, H / 2, W / 2)."""
        return (self.deep(x) + self.direct(x)) / 2


class FastganCritic(Critic):
    """Image and label -> logit, with batch and, as its authors have it, spectral normalisation.

    Real and fake images must be shown in batches of their own. Arguments as in the strided critic;
    with "concatenation" the label joins the coarsest map, so that the reconstruction needs none.
    """

    aside = ("decoder",)

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
        sizes = widths(width, self.canvas.doublings)
        stages: list[nn.Module] = [nn.Conv2d(channels, sizes[0], 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        self.stages = nn.Sequential(*stages, *[Halving(before, after) for before, after in pairwise(sizes)])
        self.label = LabelMap(classes if conditioning == "concatenation" else 0, self.canvas.base)
        self.last = nn.Sequential(nn.Conv2d(sizes[-1] + self.label.channels, sizes[-1], 1), nn.LeakyReLU(0.2))
        self.head = Head(sizes[-1] * self.canvas.area, classes, conditioning)
        constrain(self, "spectral")
        enlarge = [_gated(before, after) for before, after in pairwise(sizes[::-1])]
        self.decoder = nn.Sequential(*enlarge, nn.Conv2d(sizes[0], channels, 3, padding=1), nn.Tanh())

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> the last map, (N, F)."""
        return self.last(self.label(self.stages(self.canvas.extend(images)), labels)).flatten(1)

    def auxiliary_loss(self, images: Tensor) -> Tensor:
        """(N, C, H, W) -> (N,): mean absolute error of the image at half its size, from the coarsest map."""
        canvas = self.canvas.extend(images)
        return (self.decoder(self.stages(canvas)) - avg_pool2d(canvas, 2)).abs().mean((1, 2, 3))


fastgan = Family(FastganGenerator, FastganCritic, batch_statistics=True)
