"""Rings and grids of Gaussians in a plane, and what can be read of samples that should look like them."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gansmith.core import randomness

FEWEST_OF_A_MODE = 10
SURROUNDINGS = 5.0  # sigmas within which a mode's width is measured
SAMPLES = 20_000


@dataclass(frozen=True)
class Mixture:
    """Equally frequent round Gaussians.

    Attributes:
        centres: (K, 2).
        sigma: the standard deviation of each.
    """

    centres: Tensor
    sigma: float

    def sample(self, count: int, seed: int, purpose: str, step: int = 0) -> Tensor:
        """(count, 2), a function of its arguments alone."""
        which = randomness.integers(len(self.centres), count, seed, f"{purpose}-mode", step)
        return self.centres[which] + self.sigma * randomness.normal((count, 2), seed, purpose, step)


def ring(modes: int = 8, radius: float = 2.0, sigma: float = 0.03) -> Mixture:
    """Gaussians on a circle."""
    angles = torch.arange(modes) * (2 * math.pi / modes)
    return Mixture(radius * torch.stack([angles.cos(), angles.sin()], 1), sigma)


def grid(side: int, spacing: float = 1.0, sigma: float = 0.03) -> Mixture:
    """side x side Gaussians around 0. Spacing and width are those of particlegan 0.9.4's hundred."""
    line = (torch.arange(side) - (side - 1) / 2) * spacing
    return Mixture(torch.cartesian_prod(line, line), sigma)


@dataclass(frozen=True)
class Reading:
    """How samples lie on a mixture.

    Attributes:
        modes: those with at least ten samples within 3 sigma.
        within: share of samples within 3 sigma of a mode; of a perfect sampler 1 - exp(-4.5) = 0.9889.
        narrowest, widest: a mode's standard deviation over sigma, from the samples within 5 sigma of it.
        rarest, commonest: a mode's share of the samples within 3 sigma, over an equal share.
    """

    modes: int
    within: float
    narrowest: float
    widest: float
    rarest: float
    commonest: float

    @classmethod
    def of(cls, samples: Tensor, mixture: Mixture) -> "Reading":
        """Read (N, 2) samples."""
        distances, nearest = torch.cdist(samples, mixture.centres).min(1)
        count = len(mixture.centres)
        close = distances <= 3 * mixture.sigma
        counts = torch.bincount(nearest[close], minlength=count)
        around = distances <= SURROUNDINGS * mixture.sigma
        widths = [_width(samples[around & (nearest == mode)]) / mixture.sigma for mode in range(count)]
        shares = counts / len(samples) * count
        return cls(
            modes=int((counts >= FEWEST_OF_A_MODE).sum()),
            within=float(close.float().mean()),
            narrowest=min(widths),
            widest=max(widths),
            rarest=float(shares.min()),
            commonest=float(shares.max()),
        )


def _width(points: Tensor) -> float:
    """Standard deviation over both coordinates; 0 of fewer than two points."""
    if len(points) < 2:
        return 0.0
    return float((points - points.mean(0)).square().sum().div(2 * (len(points) - 1)).sqrt())
