"""The U-Net of pix2pix and its patch critic, with batch normalisation, as published; its dropout is left out.

Source: Isola et al. 2017, arXiv:1611.07004, appendix 6.1. The dropout draws beside the seed and, as the paper finds,
hardly makes answers differ.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gansmith.networks.translators import TranslatorFamily

LEVELS, WIDEST = 6, 8


class UnetTranslator(nn.Module):
    """Halves six times by 4x4 convolutions, and doubles as often. Arguments as in ``TranslatorFamily``.

    Attributes:
        map_channels: of what ``encode`` gives.
        stride: sides are filled up to a multiple of it.
    """

    def __init__(self, given: int, channels: int, latent: int = 0, width: int = 64):
        super().__init__()
        assert not latent, "this network takes no noise"
        self.channels, self.stride = channels, 2**LEVELS
        sizes = [width * min(2**level, WIDEST) for level in range(LEVELS)]
        self.map_channels = [given, *sizes]
        down: list[nn.Module] = [nn.Conv2d(given, sizes[0], 4, 2, 1)]
        for level, (before, after) in enumerate(pairwise(sizes), 2):
            steps = [nn.LeakyReLU(0.2), nn.Conv2d(before, after, 4, 2, 1, bias=False)]
            # The innermost map may be a single place, over which nothing can be normalised.
            down.append(nn.Sequential(*steps, *([nn.BatchNorm2d(after)] if level < LEVELS else [])))
        self.down = nn.ModuleList(down)
        up: list[nn.Module] = []
        for level in range(LEVELS - 1, 0, -1):
            before = sizes[level] if level == LEVELS - 1 else 2 * sizes[level]
            after = sizes[level - 1]
            step = nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False)
            up.append(nn.Sequential(nn.ReLU(), step, nn.BatchNorm2d(after)))
        self.up = nn.ModuleList(up)
        self.leave = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * sizes[0], channels, 4, 2, 1))

    def encode(self, x: Tensor) -> list[Tensor]:
        """(N, given, H, W) -> the picture, then the maps from fine to coarse."""
        maps, h = [x], x
        extra = (-x.shape[3] % self.stride, -x.shape[2] % self.stride)
        if any(extra):
            h = pad(h, (0, extra[0], 0, extra[1]), mode="replicate")
        for step in self.down:
            h = step(h)
            maps.append(h)
        return maps

    def decode(self, maps: list[Tensor], z: Tensor | None = None) -> Tensor:
        """The maps -> (N, channels, H, W) in [-1, 1]."""
        shown, *fine, h = maps
        for step, beside in zip(self.up, reversed(fine), strict=True):
            h = torch.cat([step(h), beside], 1)
        return self.leave(h)[..., : shown.shape[2], : shown.shape[3]].float().tanh()

    def forward(self, x: Tensor, z: Tensor | None = None) -> Tensor:
        """(N, given, H, W) -> (N, channels, H, W) in [-1, 1]."""
        return self.decode(self.encode(x))


class PatchCritic(nn.Module):
    """(N, channels, H, W) -> (N, K): verdicts on patches of 70 x 70 pixels.

    Args:
        channels: of all that it sees.
        width: of its first layer.
        normalise: "batch" or "instance".
    """

    def __init__(self, channels: int, width: int = 64, normalise: str = "batch"):
        super().__init__()
        norm = nn.BatchNorm2d if normalise == "batch" else nn.InstanceNorm2d
        steps: list[nn.Module] = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for before, after, stride in ((width, 2 * width, 2), (2 * width, 4 * width, 2), (4 * width, 8 * width, 1)):
            steps += [nn.Conv2d(before, after, 4, stride, 1), norm(after), nn.LeakyReLU(0.2)]
        self.steps = nn.Sequential(*steps, nn.Conv2d(8 * width, 1, 4, 1, 1))

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, channels, H, W) -> (N, K)."""
        return self.steps(images).flatten(1)


unet = TranslatorFamily(UnetTranslator, PatchCritic, noisy=False)
