"""Each weight by its own gradient, over the root of that gradient's mean square.

Source: Kingma and Ba 2015, arXiv:1412.6980.
"""

from collections.abc import Iterable

import torch
from torch import nn


def adam(weights: Iterable[nn.Parameter], betas: tuple[float, float]) -> torch.optim.Adam:
    """Adam; the trainer sets rate and betas before each step."""
    weights = list(weights)
    return torch.optim.Adam(weights, lr=1.0, betas=betas, fused=weights[0].device.type in ("cpu", "cuda"))
