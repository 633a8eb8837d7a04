"""Projected GAN: small critics on frozen ImageNet features at four scales, against FastGAN's generator.

FID and its like flatter it when they see by ImageNet features too: judge it by eye, or by another extractor.

Source: Sauer et al. 2021, arXiv:2111.01007, section 3.2 and appendix.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from gansmith.networks import Family
from gansmith.networks.conditioning import Head, LabelMap
from gansmith.networks.constraints import constrain
from gansmith.networks.critic import Critic
from gansmith.networks.families.fastgan import FastganGenerator
from gansmith.networks.pyramid import Pyramid, seen_size

HALVED_TO = 8
WINDOW = 4  # each logit of the paper's critics sees so many places in both directions
WIDEST = 8  # times the width of the finest map


def _stages(before: int, label: int, side: int, widest: int) -> tuple[nn.Sequential, int]:
    """Layers from one scale's map to at most 8 on its shorter side, and the channels that leave them."""
    layers: list[nn.Module] = []
    inputs, after = before + label, before
    while side > HALVED_TO or not layers:
        size, stride = (4, 2) if side > HALVED_TO else (3, 1)
        after = min(2 * after, widest) if stride == 2 else after
        layers += [nn.Conv2d(inputs, after, size, stride, 1, bias=False)]
        layers += [nn.BatchNorm2d(after), nn.LeakyReLU(0.2, inplace=True)]
        inputs, side = after, side // stride
    return nn.Sequential(*layers), after


def window_means(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, 16 C): each of 4x4 offsets, averaged over all windows of that size.

    Check: a linear layer on it is the mean of the logits that a 4x4 convolution gives.
    """
    return avg_pool2d(x, (x.shape[2] - WINDOW + 1, x.shape[3] - WINDOW + 1), stride=1).flatten(1)


class ScaleHeads(nn.Module):
    """One head a scale on that scale's features; their verdicts are averaged.

    Args:
        sizes: features of each scale; they come joined, (N, sum of sizes).
        classes, conditioning: as in ``Head``.
    """

    def __init__(self, sizes: list[int], classes: int, conditioning: str):
        super().__init__()
        self.sizes = sizes
        self.heads = nn.ModuleList(Head(size, classes, conditioning) for size in sizes)

    def forward(self, features: Tensor, labels: Tensor | None) -> Tensor:
        parts = zip(self.heads, features.split(self.sizes, 1))
        return torch.stack([head(part, labels) for head, part in parts]).mean(0)

    def classify(self, features: Tensor) -> Tensor:
        """(N, F) -> (N, classes)."""
        parts = zip(self.heads, features.split(self.sizes, 1))
        return torch.stack([head.classify(part) for head, part in parts]).mean(0)  # pyright: ignore[reportCallIssue]


class ProjectedCritic(Critic):
    """Image and label -> logit, on features that are not trained.

    Batch and spectral normalisation: real and fake images must be shown in batches of their own, and
    gradient penalties do not go with it. Images are seen at 128 px or more.

    Args:
        resolution: (height, width) of the image.
        channels: of the image, 1, 3 or 4.
        classes: number of labels, 0 for none.
        width: channels of the finest of the four maps, doubled at every coarser one.
        conditioning: as in the critic's ``Head``.
    Raises: InputError: when the package with the pretrained weights is missing; for other channels.
    """

    def __init__(
        self,
        resolution: tuple[int, int],
        channels: int,
        classes: int = 0,
        width: int = 64,
        conditioning: str = "projection",
    ):
        super().__init__()
        self.pyramid = Pyramid(channels, width)
        height, breadth = seen_size(resolution)
        self.label = LabelMap(classes if conditioning == "concatenation" else 0, (height // 32, breadth // 32))
        self.stages = nn.ModuleList()
        sizes = []
        for scale, before in enumerate(self.pyramid.widths):
            side = min(height, breadth) // 2 ** (scale + 2)
            stages, after = _stages(before, self.label.channels, side, WIDEST * width)
            self.stages.append(stages)
            sizes.append(after * WINDOW**2)
        self.head = ScaleHeads(sizes, classes, conditioning)
        constrain(self, "spectral")

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> the four scales' features joined, (N, F)."""
        maps = self.pyramid(images)
        seen = [stages(self.label(x, labels)) for stages, x in zip(self.stages, maps)]
        return torch.cat([window_means(x) for x in seen], 1)


projected = Family(FastganGenerator, ProjectedCritic, batch_statistics=True, packs=False)
