"""The two networks of a game in the plane. Both see their input at several scales, as networks of images do."""

from itertools import chain, pairwise

import torch
from torch import Tensor, nn

from gansmith.networks.points import SLOPE

WIDTH = 128
DEPTH = {"generator": 6, "critic": 3}
GAIN = 1.6  # about that of tanh, 5/3: values keep their spread from layer to layer
SCALE = 0.1


class Octaves(nn.Module):
    """Points, and beside them sines and cosines of them at doubling frequencies.

    They know nothing of the data but its overall width.

    Args:
        count: of frequencies; 0 leaves the points as they are.
        width: the points' standard deviation, at which the slowest wave has an angle of 1.
    Check: (N, D) becomes (N, D (1 + 2 count)), the points first.
    """

    frequencies: Tensor

    def __init__(self, count: int, width: float = 1.0):
        super().__init__()
        self.register_buffer("frequencies", 2.0 ** torch.arange(count) / width)

    def forward(self, x: Tensor) -> Tensor:
        """(N, D) -> (N, D (1 + 2 count))."""
        angles = (x[..., None] * self.frequencies).flatten(1)
        return torch.cat([x, angles.sin(), angles.cos()], 1)


class PlaneGenerator(nn.Module):
    """z -> a point: a smooth network (tanh) and a linear one beside it, both behind octaves of z.

    It is a continuous map, so that what lies between two modes is stretched thin and never cut. It
    begins as a small cloud, and a step of training moves it a tenth of what it says.

    Args:
        latent: length of z.
        octaves: of z.
    """

    def __init__(self, latent: int, octaves: int):
        super().__init__()
        inputs = latent * (1 + 2 * octaves)
        self.octaves = Octaves(octaves)
        self.layers = _smooth_layers(inputs, 2)
        self.direct = nn.Linear(inputs, 2, bias=False)
        nn.init.normal_(self.direct.weight, std=0.01)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent) -> (N, 2)."""
        seen = self.octaves(z)
        return SCALE * (self.layers(seen) + self.direct(seen))


class PlaneCritic(nn.Module):
    """A point -> its logit. It begins nearly flat, with torch's own small first weights.

    Args:
        octaves: of the point.
        width: the data's standard deviation.
    """

    def __init__(self, octaves: int, width: float):
        super().__init__()
        sizes = [2 * (1 + 2 * octaves), *[WIDTH] * DEPTH["critic"]]
        hidden = [[nn.Linear(before, after), nn.LeakyReLU(SLOPE)] for before, after in pairwise(sizes)]
        self.octaves = Octaves(octaves, width)
        self.layers = nn.Sequential(*chain(*hidden), nn.Linear(WIDTH, 1))

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, 2) -> (N,)."""
        return self.layers(self.octaves(x)).squeeze(1)


def _smooth_layers(inputs: int, outputs: int) -> nn.Sequential:
    sizes = [inputs, *[WIDTH] * DEPTH["generator"]]
    hidden = [[_linear(before, after, GAIN), nn.Tanh()] for before, after in pairwise(sizes)]
    return nn.Sequential(*chain(*hidden), _linear(WIDTH, outputs, 1.0))


def _linear(before: int, after: int, gain: float) -> nn.Linear:
    layer = nn.Linear(before, after)
    nn.init.xavier_normal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer
