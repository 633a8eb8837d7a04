"""Drawing from a running average: fixed latents in, bytes out."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from gansmith.core import randomness
from gansmith.core.images import grid, to_bytes
from gansmith.core.pool import torch_in_order
from gansmith.engine.average import RunningAverage

SETTLE_IMAGES = 500
BATCH = 100


@dataclass(frozen=True)
class Latents:
    """z (n, latent) and labels (n,) or None, a function of (seed, purpose)."""

    z: Tensor
    labels: Tensor | None

    @classmethod
    def of(cls, count: int, latent: int, frequencies: list[float], seed: int, purpose: str) -> "Latents":
        """Draw ``count`` latents, and labels by the training data's class frequencies (empty: none)."""
        z = randomness.normal((count, latent), seed, purpose)
        labels = None
        if frequencies:
            draw = randomness.generator(seed, f"{purpose}-labels")
            labels = torch.multinomial(torch.tensor(frequencies), count, replacement=True, generator=draw)
        return cls(z, labels)

    @property
    def count(self) -> int:
        """How many."""
        return len(self.z)

    def batches(self, device: torch.device | str) -> list[tuple[Tensor, Tensor | None]]:
        """The same in batches on the device."""
        labels = [None] * len(self.z) if self.labels is None else self.labels.to(device).split(BATCH)
        return list(zip(self.z.to(device).split(BATCH), labels, strict=False))


class Given(Protocol):
    """What a generator is given, in batches; ``Latents`` for one."""

    def batches(self, device: torch.device | str) -> list[tuple[Tensor, Tensor | None]]:
        """As the generator's arguments."""
        ...


def draw(generator: nn.Module, latents: Given) -> np.ndarray:
    """(n, H, W, C) uint8 from a generator in eval mode; on the CPU the batches side by side, a thread each."""
    device = next(generator.parameters()).device

    @torch.no_grad()
    def pictures(batch: tuple[Tensor, Tensor | None]) -> np.ndarray:
        return to_bytes(generator(*batch)).cpu().numpy()

    batches = latents.batches(device)
    drawn = torch_in_order(pictures, batches) if device.type == "cpu" else map(pictures, batches)
    return np.concatenate(list(drawn))


class Painter:
    """Turns a running average into the generator that is shown, scored and shipped.

    Args:
        latent: length of z.
        frequencies: of the classes in the training data; empty without labels.
        seed: of the run.
    """

    def __init__(self, latent: int, frequencies: list[float], seed: int):
        self.latent, self.frequencies, self.seed = latent, frequencies, seed
        self._settling = self.latents(SETTLE_IMAGES, "settle")

    def latents(self, count: int, purpose: str) -> Latents:
        """Latents for a purpose, equal whenever asked for."""
        return Latents.of(count, self.latent, self.frequencies, self.seed, purpose)

    def sheet(self, generator: nn.Module, latents: Given) -> np.ndarray:
        """(H, W, C) uint8: what a generator draws from these latents, for people to look at."""
        return grid(draw(generator, latents))

    def settled(self, average: RunningAverage) -> nn.Module:
        """The averaged weights with batch statistics of their own, in eval mode."""
        device = next(average.module.parameters()).device
        return average.settle(self._settling.batches(device))
