"""Multilayer perceptrons on points: for games in one and two dimensions, and for images laid flat.

Source: Goodfellow et al. 2014, arXiv:1406.2661.
"""

from itertools import pairwise

from torch import Tensor, nn

from gansmith.networks.conditioning import Head, LabelledLatent
from gansmith.networks.critic import Critic

SLOPE = 0.2


def mlp_layers(inputs: int, outputs: int, width: int = 128, depth: int = 3) -> nn.Sequential:
    """(N, inputs) -> (N, outputs): ``depth`` hidden layers of ``width`` with LeakyReLU 0.2, then a linear one.

    Weights begin so that the spread of the values is kept from layer to layer.
    Check: depth 0 is one linear layer.
    """
    layers: list[nn.Module] = []
    sizes = [inputs, *[width] * depth]
    for before, after in pairwise(sizes):
        layers += [_linear(before, after, SLOPE), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers, _linear(sizes[-1], outputs, 1.0))


def _linear(before: int, after: int, slope: float) -> nn.Linear:
    layer = nn.Linear(before, after)
    nn.init.kaiming_normal_(layer.weight, slope)
    nn.init.zeros_(layer.bias)
    return layer


class PointGenerator(nn.Module):
    """z and label -> a point.

    Args:
        dimensions: of a point.
        classes: number of labels, 0 for none.
        latent: length of z, drawn from N(0, I).
        width: of the hidden layers.
        depth: their number.
    """

    def __init__(self, dimensions: int, classes: int = 0, latent: int = 2, width: int = 128, depth: int = 3):
        super().__init__()
        self.latent, self.classes = latent, classes
        self.label = LabelledLatent(latent, classes)
        self.layers = mlp_layers(self.label.features, dimensions, width, depth)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, latent), (N,) -> (N, dimensions)."""
        return self.layers(self.label(z, labels))


class PointCritic(Critic):
    """A point and its label -> logit; the features are the last hidden layer.

    Arguments as in the generator, ``depth`` at least 1, ``conditioning`` as in the critic's ``Head``.
    """

    def __init__(
        self, dimensions: int, classes: int = 0, width: int = 128, depth: int = 3, conditioning: str = "projection"
    ):
        super().__init__()
        self.label = LabelledLatent(dimensions, classes if conditioning == "concatenation" else 0)
        last = mlp_layers(self.label.features, width, width, depth - 1)
        self.stages = nn.Sequential(*last, nn.LeakyReLU(SLOPE))
        self.head = Head(width, classes, conditioning)

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, dimensions), (N,) -> (N, width)."""
        return self.stages(self.label(images, labels))
