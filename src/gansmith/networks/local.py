"""Layers that see a neighbourhood and nothing else: no statistics over space, and borders that may wrap around."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

Border = Literal["zeros", "wrap"]


class LocalConv(nn.Conv2d):
    """A 3x3 convolution of stride 1 that keeps the size.

    What lies beyond a border is 0, or with "wrap" what lies at the opposite one: pictures that continue there, such
    as a texture to be tiled (both borders) or a panorama (left and right).

    Attributes:
        borders: of rows (top, bottom) and of columns (left, right).
    Check: with wrapped borders, shifting the input around shifts the output around.
    """

    borders: tuple[Border, Border] = ("zeros", "zeros")

    def __init__(self, before: int, after: int):
        super().__init__(before, after, 3, padding=1)

    def forward(self, input: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, after, H, W)."""
        if self.borders == ("zeros", "zeros"):
            return super().forward(input)
        rows, columns = self.borders
        x = pad(input, (1, 1, 0, 0), mode="circular" if columns == "wrap" else "constant")
        x = pad(x, (0, 0, 1, 1), mode="circular" if rows == "wrap" else "constant")
        return conv2d(x, self.weight, self.bias)


def set_borders(module: nn.Module, rows: Border, columns: Border) -> None:
    """Of every local convolution within."""
    for part in module.modules():
        if isinstance(part, LocalConv):
            part.borders = (rows, columns)


class PixelNorm(nn.Module):
    """Each place's channels over their root mean square: (N, C, H, W) -> the same shape.

    Check: the mean square over channels is 1 everywhere.
    Source: Karras et al. 2018, arXiv:1710.10196, section 4.2.
    """

    def forward(self, x: Tensor) -> Tensor:
        square = x.float().square().mean(1, keepdim=True)
        return x * torch.rsqrt(square + 1e-8).to(x.dtype)


class Told(nn.Module):
    """A gain and a bias for each channel from a code: the picture's own noise, say; at first 1 and 0."""

    def __init__(self, features: int, channels: int):
        super().__init__()
        self.offsets = nn.Linear(features, 2 * channels)
        nn.init.normal_(self.offsets.weight, std=0.1)
        nn.init.zeros_(self.offsets.bias)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """(N, C, H, W), (N, features) -> the same shape."""
        gain, bias = self.offsets(code)[:, :, None, None].to(x.dtype).chunk(2, 1)
        return torch.addcmul(bias, x, 1 + gain)


class LocalBlock(nn.Module):
    """x + f(x), f of two 3x3 convolutions on normalised places; a code may move its channels.

    Args:
        channels: of the maps.
        features: of the code; 0: there is none.
    Check: as it starts it is the identity.
    """

    radius = 2  # in its own pixels

    def __init__(self, channels: int, features: int = 0):
        super().__init__()
        self.norm = PixelNorm()
        self.told = Told(features, channels) if features else None
        self.first, self.second = LocalConv(channels, channels), LocalConv(channels, channels)
        nn.init.zeros_(self.second.weight)
        assert self.second.bias is not None
        nn.init.zeros_(self.second.bias)
        self.active = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor, code: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N, features) or None -> the same shape."""
        h = self.norm(x)
        if self.told is not None:
            assert code is not None
            h = self.told(h, code)
        return x + self.second(self.active(self.first(self.active(h))))
