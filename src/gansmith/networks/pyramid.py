"""Frozen ImageNet features of an image at four scales, mixed by fixed random weights.

Source: Sauer et al. 2021, arXiv:2111.01007, section 3.2.
"""

import math
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate

from gansmith.core.errors import InputError
from gansmith.networks.extractors import EXTRACTORS
from gansmith.networks.extractors._lite_network import LiteNetwork

TAPS = {2: 24, 4: 40, 10: 112, 15: 320}  # the last block at a 4th, 8th, 16th and 32nd of the size: its channels
SMALLEST = 128


@cache
def frozen_network(device: torch.device) -> LiteNetwork:
    """EfficientNet-Lite0, once a process and device.

    It belongs to no module, so that it is neither trained, nor copied, nor saved with one.
    Raises: InputError: when its package is missing or its weights are not the published ones.
    """
    with torch.inference_mode(False):  # whoever asks first, others train with it
        return EXTRACTORS.get("lite0")().network.to(device)


def seen_size(resolution: tuple[int, int]) -> tuple[int, int]:
    """The size at which an image is looked at: at least 128 on the shorter side, multiples of 32.

    Check: 28 and 100 px are seen at 128, 256 px at 256, (80, 48) at (224, 128).
    """
    factor = max(1.0, SMALLEST / min(resolution))
    return (32 * math.ceil(resolution[0] * factor / 32), 32 * math.ceil(resolution[1] * factor / 32))


def network_input(images: Tensor) -> Tensor:
    """(N, 1, 3 or 4, H, W) in [-1, 1] -> (N, 3, H', W'), (bytes - 127) / 128, enlarged bilinearly.

    Grey is copied and alpha composited on white, as before a score; all of it has a gradient.
    Check: -1 becomes -127 / 128 and 1 becomes 1.
    """
    if images.shape[1] == 4:
        colour, share = images[:, :3], (images[:, 3:] + 1) / 2
        images = colour * share + (1 - share)
    size = seen_size((images.shape[2], images.shape[3]))
    if size != tuple(images.shape[2:]):
        images = interpolate(images, size, mode="bilinear")
    return ((images + 1) * 127.5 - 127).div(128).expand(-1, 3, -1, -1)


class Mix(nn.Module):
    """A convolution with fixed random weights that keeps the spread: (N, before, H, W) -> (N, after, H, W)."""

    weight: Tensor

    def __init__(self, before: int, after: int, size: int):
        super().__init__()
        self.register_buffer("weight", torch.randn(after, before, size, size) / math.sqrt(before * size * size))

    def forward(self, x: Tensor) -> Tensor:
        return conv2d(x, self.weight, padding=self.weight.shape[2] // 2)


class Pyramid(nn.Module):
    """Images -> four maps, from a 4th to a 32nd of the size at which they are seen, of doubling widths.

    Channels are mixed within each scale, then from each scale into the next finer one, both by
    fixed random weights: so that no critic can lean on a few features alone.

    Args:
        channels: of the images, 1, 3 or 4.
        width: of the finest map.
    Raises: InputError: for other channels, or as ``frozen_network``.
    """

    def __init__(self, channels: int, width: int):
        super().__init__()
        if channels not in (1, 3, 4):
            raise InputError(f"pretrained features see images of 1, 3 or 4 channels, not {channels}; choose strided")
        frozen_network(torch.device("cpu"))  # so that what is missing is said now
        self.widths = [width * 2**scale for scale in range(len(TAPS))]
        self.across = nn.ModuleList(Mix(tap, after, 1) for tap, after in zip(TAPS.values(), self.widths))
        self.down = nn.ModuleList(Mix(coarse, fine, 3) for fine, coarse in zip(self.widths, self.widths[1:]))

    def forward(self, images: Tensor) -> list[Tensor]:
        """(N, C, H, W) in [-1, 1] -> the maps, fine to coarse."""
        taps = frozen_network(images.device).taps(network_input(images), TAPS)
        maps = [mix(tap) for mix, tap in zip(self.across, taps)]
        for scale in reversed(range(len(self.down))):
            coarse = self.down[scale](maps[scale + 1])
            maps[scale] = maps[scale] + interpolate(coarse, scale_factor=2, mode="bilinear")
        return maps
