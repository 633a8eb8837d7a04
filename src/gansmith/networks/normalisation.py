"""Batch normalisation whose gain and bias a class, or the latent, may move.

Source: de Vries et al. 2017, arXiv:1707.00683; Dumoulin et al. 2017, arXiv:1610.07629.
"""

import torch
from torch import Tensor, nn

HIDDEN = 64


class ConditionalNorm(nn.BatchNorm2d):
    """Batch normalisation, then a gain and a bias of the class's own, which start at one and zero.

    Args:
        channels: of the maps.
        classes: number of labels.
    Check: with the offsets at zero it equals the plain norm.
    """

    takes_labels = True

    def __init__(self, channels: int, classes: int):
        super().__init__(channels)
        self.offsets = nn.Embedding(classes, 2 * channels)
        nn.init.zeros_(self.offsets.weight)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> the same shape."""
        assert labels is not None, "a class-conditional network needs labels"
        gain, bias = self.offsets(labels)[:, :, None, None].chunk(2, 1)
        return super().forward(x) * (1 + gain) + bias


class ModulatedNorm(nn.BatchNorm2d):
    """Batch normalisation, then a gain and a bias that a code of each row gives; they start at one and zero.

    Args:
        channels: of the maps.
        features: of the code.
    Check: as it starts it equals the plain norm.
    Source: Chen et al. 2019, arXiv:1810.01365, equation (2).
    """

    takes_labels = True

    def __init__(self, channels: int, features: int):
        super().__init__(channels)
        last = nn.Linear(HIDDEN, 2 * channels)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.offsets = nn.Sequential(nn.Linear(features, HIDDEN), nn.ReLU(inplace=True), last)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """(N, C, H, W), (N, features) -> the same shape."""
        gain, bias = self.offsets(code)[:, :, None, None].to(x.dtype).chunk(2, 1)
        return torch.addcmul(bias, super().forward(x), 1 + gain)


def has_batch_statistics(module: nn.Module) -> bool:
    """Whether a row of the batch has a say in another's output by batch normalisation."""
    return any(isinstance(part, nn.modules.batchnorm._BatchNorm) for part in module.modules())


class LabelledStages(nn.Sequential):
    """Layers in a row; those that have ``takes_labels`` are given the labels, or the code that knows them, too."""

    takes_labels = True

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) or (N, features) -> what the last layer makes of it."""
        for stage in self:
            x = stage(x, labels) if getattr(stage, "takes_labels", False) else stage(x)
        return x


def batch_norm(channels: int, classes: int) -> nn.BatchNorm2d:
    """The plain norm without classes, the conditional one with."""
    return ConditionalNorm(channels, classes) if classes else nn.BatchNorm2d(channels)
