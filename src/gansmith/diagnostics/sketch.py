"""A few numbers in which a network's movement can be followed: lengths and angles survive, weights do not."""

import torch
from torch import Tensor, nn

from gansmith.core.randomness import generator

LENGTH = 32


class Sketch:
    """A fixed random projection of a network's weights to 32 numbers.

    Each weight is added, with a random sign, to one of the numbers; so squared lengths of differences, and products
    of two differences, are kept in expectation, with a relative deviation of about sqrt(2 / 32).

    Args:
        module: whose weights these will be.
    Check: equal weights give equal sketches; the mean over many directions of |S(u) - S(v)|^2 / |u - v|^2 is 1.
    Source: Charikar et al. 2002 (count sketch); Alon et al. 1996 for the second moment.
    """

    def __init__(self, module: nn.Module):
        draw = generator(0, "sketch")
        self.signs = [_signs(weight, draw) for weight in module.parameters()]

    @torch.no_grad()
    def __call__(self, module: nn.Module) -> list[float]:
        """32 numbers."""
        total = torch.zeros(LENGTH)
        for weight, signs in zip(module.parameters(), self.signs, strict=True):
            total += (_columns(weight.detach().float()) * signs.to(weight.device)).sum(0).cpu()
        return [round(float(value), 6) for value in total]


def _signs(weight: Tensor, draw: torch.Generator) -> Tensor:
    rows = -(-weight.numel() // LENGTH)
    return torch.randint(0, 2, (rows, LENGTH), generator=draw, dtype=torch.int8) * 2 - 1


def _columns(weight: Tensor) -> Tensor:
    """(numel,) -> (rows, 32), zeros at the end."""
    flat = weight.flatten()
    return torch.nn.functional.pad(flat, (0, -len(flat) % LENGTH)).view(-1, LENGTH)
