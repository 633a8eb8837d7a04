"""Networks by family, and the pretrained ones that read images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from gansmith.core.registry import Registry

FAMILIES = Registry("network", "gansmith.networks.families", Path(__file__).parent / "families")


@dataclass(frozen=True)
class Family:
    """A generator and the critic drawn to go with it.

    Both take ``resolution=(height, width)``, ``channels``, ``classes`` (0: none) and ``width``, the
    channels of the finest stage; the generator also ``latent``. The generator maps (N, latent) and
    labels (N,) or None to (N, C, H, W); the critic maps images and labels to logits (N,).
    """

    generator: type[nn.Module]
    critic: type[nn.Module]


def list_networks() -> list[str]:
    """The registered families."""
    return FAMILIES.names


def create_generator(name: str, **arguments: Any) -> nn.Module:
    """A generator of the family ``name`` with fresh weights from torch's default random state."""
    return FAMILIES.get(name).generator(**arguments)


def create_critic(name: str, **arguments: Any) -> nn.Module:
    """The critic of the family ``name`` with fresh weights from torch's default random state."""
    return FAMILIES.get(name).critic(**arguments)
