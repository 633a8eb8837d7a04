"""Modern residual networks without normalisation, for budgets of hours or an accelerator.

Source: Huang et al. 2024, arXiv:2501.05441 (R3GAN), section 3 and appendix: bottleneck-inverted
blocks with grouped convolutions, fix-up initialisation, bilinear-like FIR resampling.
"""

import math
from contextlib import nullcontext
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d

from gansmith.networks import Family
from gansmith.networks.canvas import Canvas, widths
from gansmith.networks.conditioning import Head, LabelledLatent, LabelMap
from gansmith.networks.critic import Critic

WIDEST = 768
GROUP = 16
BLOCKS_PER_STAGE = 2


def _convolution(before: int, after: int, size: int, gain: float, groups: int = 1, bias: bool = False) -> nn.Conv2d:
    convolution = nn.Conv2d(before, after, size, padding=size // 2, groups=groups, bias=bias)
    nn.init.normal_(convolution.weight, std=gain / math.sqrt(before // groups * size * size))
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return convolution


class Block(nn.Module):
    """x + 1x1(act(grouped 3x3(act(1x1(x))))), twice as wide inside; the identity at the start.

    Args:
        channels: in and out, a multiple of 8.
        blocks: residual blocks in the whole network, for the initial gain.
    Check: a fresh block returns its input.
    """

    def __init__(self, channels: int, blocks: int):
        super().__init__()
        gain, inner = math.sqrt(2 / 1.04) * blocks**-0.25, 2 * channels
        self.inside = nn.Sequential(
            _convolution(channels, inner, 1, gain, bias=True),
            nn.LeakyReLU(0.2, inplace=True),
            _convolution(inner, inner, 3, gain, groups=max(1, inner // GROUP), bias=True),
            nn.LeakyReLU(0.2, inplace=True),
            _convolution(inner, channels, 1, 0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inside(x)


class Resample(nn.Module):
    """Halve or double by the depthwise FIR filter [1, 3, 3, 1]; a 1x1 where the width changes.

    Check: doubling keeps a constant image inside its border; halving keeps it too.
    """

    kernel: Tensor

    def __init__(self, before: int, after: int, double: bool):
        super().__init__()
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
        kernel = torch.outer(taps, taps) / taps.sum() ** 2 * (4 if double else 1)
        self.register_buffer("kernel", kernel[None, None], persistent=False)
        self.doubles = double
        self.mix = _convolution(before, after, 1, 1.0) if before != after else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        if self.doubles:
            x = self.mix(x)
        x = self._filtered(x)
        return x if self.doubles else self.mix(x)

    def _filtered(self, x: Tensor) -> Tensor:
        """One channel at a time is no work for tiles: in bfloat16 a processor takes five times as long."""
        resample = conv_transpose2d if self.doubles else conv2d
        on_processor = x.device.type == "cpu"
        with torch.autocast("cpu", enabled=False) if on_processor else nullcontext():
            x = x.to(self.kernel.dtype) if on_processor else x
            return resample(x, self.kernel.expand(x.shape[1], -1, -1, -1), stride=2, padding=1, groups=x.shape[1])


class ResidualGenerator(nn.Module):
    """z and label -> image: a learned base scaled by a linear map of z, then residual stages.

    Arguments as in the strided generator, but there is no normalisation that could carry the label;
    the output is not squashed, so it is clamped when shown.
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
        assert conditioning == "concatenation", "there is no batch normalisation here"
        super().__init__()
        self.canvas = Canvas.of(resolution)
        self.latent, self.classes = latent, classes
        sizes = widths(width, self.canvas.doublings + 1, WIDEST)[::-1]
        blocks = BLOCKS_PER_STAGE * len(sizes)
        self.label = LabelledLatent(latent, classes)
        self.base = nn.Parameter(torch.randn(sizes[0], *self.canvas.base))
        self.scale = nn.Linear(self.label.features, sizes[0], bias=False)
        nn.init.normal_(self.scale.weight, std=self.label.features**-0.5)
        stages: list[nn.Module] = [Block(sizes[0], blocks) for _ in range(BLOCKS_PER_STAGE)]
        for before, after in pairwise(sizes):
            stages += [Resample(before, after, double=True)]
            stages += [Block(after, blocks) for _ in range(BLOCKS_PER_STAGE)]
        self.stages = nn.Sequential(*stages)
        self.to_image = _convolution(sizes[-1], channels, 1, 1.0)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), (N,) -> (N, C, H, W), about [-1, 1]."""
        x = self.base * self.scale(self.label(z, labels))[:, :, None, None]
        return self.canvas.crop(self.to_image(self.stages(x)))


class ResidualCritic(Critic):
    """Image and label -> logit: the generator's mirror, ending in a depthwise map and a linear layer."""

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
        sizes = widths(width, self.canvas.doublings + 1, WIDEST)
        blocks = BLOCKS_PER_STAGE * len(sizes)
        stages: list[nn.Module] = [_convolution(channels + self.label.channels, sizes[0], 1, 1.0)]
        for before, after in pairwise(sizes):
            stages += [Block(before, blocks) for _ in range(BLOCKS_PER_STAGE)]
            stages += [Resample(before, after, double=False)]
        stages += [Block(sizes[-1], blocks) for _ in range(BLOCKS_PER_STAGE)]
        collapse = nn.Conv2d(sizes[-1], sizes[-1], self.canvas.base, groups=sizes[-1], bias=False)
        nn.init.normal_(collapse.weight, std=self.canvas.area**-0.5)
        self.stages = nn.Sequential(*stages, collapse)
        self.head = Head(sizes[-1], classes, conditioning)

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> the collapsed map, (N, F)."""
        return self.stages(self.label(self.canvas.extend(images), labels)).flatten(1)


residual = Family(ResidualGenerator, ResidualCritic, conditionings=("concatenation",))
