"""A U of residual blocks without statistics over space: a pixel hangs on a stated neighbourhood, tiles equal the whole.

Sizes change by convolutions that do not overlap, which need no border; every 3x3 sees its own scale. The noise
is one code a picture that moves the gains of all blocks on the way up, so that several answers share the way down.

Source: Ronneberger et al. 2015, arXiv:1505.04597 (the U); Huang et al. 2024, arXiv:2501.05441 (blocks that start as
the identity); Perez et al. 2018, arXiv:1709.07871 (gains and biases by a code).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gansmith.networks.local import LocalBlock, LocalConv
from gansmith.networks.translators import TranslatorFamily

CODE, LEVELS, WIDEST, FINE = 64, 4, 4, 8


class LocalTranslator(nn.Module):
    """Picture and noise -> picture. Arguments as in ``TranslatorFamily``.

    Attributes:
        map_channels: of what ``encode`` gives.
        stride: the size at which the coarsest map lies; tiles that begin at its multiples equal the whole.
        radius: a pixel hangs on given pixels that are no further away.
    Check: the gradient of a pixel is 0 beyond ``radius``; another size is translated as if it had been trained on.
    """

    def __init__(self, given: int, channels: int, latent: int = 8, width: int = 32, residual: int = 0):
        super().__init__()
        self.latent, self.residual, self.channels = latent, residual, channels
        sizes = [width * min(2**level, WIDEST) for level in range(LEVELS)]
        self.stride, self.map_channels = 2**LEVELS, [given, *sizes]
        self.code = nn.Sequential(nn.Linear(latent, CODE), nn.LeakyReLU(0.2)) if latent else None
        features = CODE if latent else 0
        self.enter = nn.Conv2d(given, sizes[0], 2, 2)
        self.down = nn.ModuleList(LocalBlock(size) for size in sizes[:-1])
        self.shrink = nn.ModuleList(nn.Conv2d(fine, coarse, 2, 2) for fine, coarse in pairwise(sizes))
        self.bottom = nn.ModuleList(LocalBlock(sizes[-1], features) for _ in range(2))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(coarse, fine, 2, 2) for fine, coarse in pairwise(sizes))
        self.up = nn.ModuleList(LocalBlock(size, features) for size in sizes[:-1])
        self.leave = nn.ConvTranspose2d(sizes[0], FINE, 2, 2)
        self.finish = LocalConv(FINE + given, channels)
        if residual:  # it begins by leaving the picture as it is
            for weight in self.finish.parameters():
                nn.init.zeros_(weight)
        coarse = 2**LEVELS * 2 * LocalBlock.radius
        others = sum(2 * 2 ** (level + 1) * LocalBlock.radius for level in range(LEVELS - 1))
        self.radius = coarse + others + self.stride + 1

    def encode(self, x: Tensor) -> list[Tensor]:
        """(N, given, H, W) -> what ``decode`` needs of it: the picture, then maps from fine to coarse."""
        shown, height, width = x, x.shape[2], x.shape[3]
        extra = (-width % self.stride, -height % self.stride)
        if any(extra):
            x = pad(x, (0, extra[0], 0, extra[1]), mode="replicate")
        h = self.enter(x)
        maps = [shown]
        for block, shrink in zip(self.down, self.shrink, strict=True):
            h = block(h)
            maps.append(h)
            h = shrink(h)
        return [*maps, h]

    def decode(self, maps: list[Tensor], z: Tensor | None = None) -> Tensor:
        """The maps of (N, given, H, W) and (N, latent) -> (N, channels, H, W) in [-1, 1]."""
        shown, *fine, h = maps
        code = None
        if self.code is not None:
            assert z is not None, "this translator needs noise"
            code = self.code(z.to(h.dtype))
        for block in self.bottom:
            h = block(h, code)
        for block, grow, beside in zip(reversed(self.up), reversed(self.grow), reversed(fine), strict=True):
            h = block(grow(h) + beside, code)
        h = self.leave(h)[..., : shown.shape[2], : shown.shape[3]]
        made = self.finish(torch.cat([h, shown.to(h.dtype)], 1)).float()
        if self.residual:  # what the given picture lacks
            return (shown[:, : self.channels].float() + made).clamp(-1, 1)
        return made.tanh()

    def forward(self, x: Tensor, z: Tensor | None = None) -> Tensor:
        """(N, given, H, W), (N, latent) or None -> (N, channels, H, W) in [-1, 1]."""
        return self.decode(self.encode(x), z)


class _Halving(nn.Conv2d):
    """Of a side of n pixels it makes ceil(n / 2), so that small and odd pictures have every scale."""

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C', ceil(H / 2), ceil(W / 2))."""
        odd = (input.shape[3] % 2, input.shape[2] % 2)
        return super().forward(pad(input, (0, odd[0], 0, odd[1]), mode="replicate") if any(odd) else input)


class LocalCritic(nn.Module):
    """(N, channels, H, W) -> (N, K): verdicts on patches at three scales of one trunk, each scale counting as much.

    4x4 convolutions of stride 2 without normalisation; a verdict is given on maps of an 8th, a 16th and a 32nd of
    the size, and coarse ones are repeated to as many as the fine ones are.
    """

    def __init__(self, channels: int, width: int = 32):
        super().__init__()
        sizes = [width * min(2**stage, WIDEST) for stage in range(5)]
        active = nn.LeakyReLU(0.2)
        steps = [_Halving(before, after, 4, 2, 1) for before, after in pairwise([channels, *sizes])]
        self.begin = nn.Sequential(steps[0], active, steps[1], active)
        self.further = nn.ModuleList(nn.Sequential(step, active) for step in steps[2:])
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Conv2d(size, size, 3, 1, 1), active, nn.Conv2d(size, 1, 1)) for size in sizes[2:]
        )

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, channels, H, W) -> (N, K)."""
        h, verdicts = self.begin(images), []
        for step, head in zip(self.further, self.heads, strict=True):
            h = step(h)
            verdicts.append(head(h).flatten(1))
        most = verdicts[0].shape[1]
        return torch.cat([each.repeat_interleave(-(-most // each.shape[1]), 1)[:, :most] for each in verdicts], 1)


local = TranslatorFamily(LocalTranslator, LocalCritic, local=True, corrects=True)
