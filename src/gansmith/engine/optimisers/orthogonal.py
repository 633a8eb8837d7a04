"""Matrices and kernels by the nearest orthogonal matrix to their gradient, all other weights by Adam.

Adam's step follows the few directions that a gradient is strong in; this one is as long in every direction.

Source: Jordan et al. 2024, "Muon" (kellerjordan.github.io/posts/muon), here without momentum, as the opponent moves.
"""

from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor, nn

from gansmith.engine.devices import multiplies_bf16

ROUNDS = 5
QUINTIC = (3.4445, -4.7750, 2.0315)  # Jordan's: singular values end between 0.7 and 1.2


class Orthogonal(torch.optim.Adam):
    """Adam, but for weights that are matrices (out, in) or kernels (out, in, height, width).

    These move by rate * sqrt(max(out, in * height * width)) times the orthogonal matrix, so that one of their numbers
    moves about as far as Adam moves it: by the rate.
    """

    def __init__(self, weights: list[nn.Parameter], betas: tuple[float, float]):
        super().__init__(weights, lr=1.0, betas=betas, fused=weights[0].device.type in ("cpu", "cuda"))
        self.matrices = [weight for weight in weights if is_matrix(weight)]
        self.ways: dict[int, Tensor] = {}

    @torch.no_grad()
    def prepare(self, part: int, parts: int) -> None:
        """Find the way of every ``parts``-th matrix, beginning with ``part``; several threads may share them out."""
        for place in range(part, len(self.matrices), parts):
            gradient = self.matrices[place].grad
            if gradient is not None:
                self.ways[place] = orthogonal_to(gradient.flatten(1))

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """One step; gradients are left as they are."""
        if not self.ways:
            self.prepare(0, 1)
        gradients = [weight.grad for weight in self.matrices]
        for place, way in self.ways.items():
            weight = self.matrices[place]
            far = -self.param_groups[0]["lr"] * max(way.shape) ** 0.5
            weight.add_(way.to(weight.dtype).view(weight.shape), alpha=far)
            weight.grad = None  # Adam passes it over
        super().step()
        for weight, gradient in zip(self.matrices, gradients, strict=True):
            weight.grad = gradient
        self.ways = {}


def is_matrix(weight: Tensor) -> bool:
    """Whether it has several rows and columns."""
    return weight.ndim >= 2 and min(len(weight), weight[0].numel()) > 1


def orthogonal_to(matrix: Tensor) -> Tensor:
    """(m, n) -> (m, n): U V^T of the singular value decomposition U S V^T, about.

    Products alone: five rounds of X <- a X + (b X X^T + c (X X^T)^2) X, in bfloat16 where that is fast.

    Check: the directions of the decomposition; singular values between 0.6 and 1.3 where none is tiny.
    """
    a, b, c = QUINTIC
    x = (matrix / matrix.norm().clamp_min(1e-12)).to(_number(matrix.device))
    wide = x.T if x.shape[0] > x.shape[1] else x
    for _ in range(ROUNDS):
        square = wide @ wide.T
        wide = a * wide + (b * square + c * (square @ square)) @ wide
    return wide.T if x.shape[0] > x.shape[1] else wide


@cache
def _number(device: torch.device) -> torch.dtype:
    return torch.bfloat16 if multiplies_bf16(device) else torch.float32


def orthogonal(weights: Iterable[nn.Parameter], betas: tuple[float, float]) -> Orthogonal:
    """The trainer sets rate and betas before each step."""
    return Orthogonal(list(weights), betas)
