"""Networks by family, and the pretrained ones that read images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from gansmith.core.registry import Registry
from gansmith.networks.conditioning import CRITIC_CONDITIONINGS, GENERATOR_CONDITIONINGS, check_offered
from gansmith.networks.critic import Critic

FAMILIES = Registry("network", "gansmith.networks.families", Path(__file__).parent / "families")


@dataclass(frozen=True)
class Family:
    """A generator and the critic drawn to go with it.

    Both take ``resolution=(height, width)``, ``channels``, ``classes`` (0: none), ``width``, the
    channels of the finest stage, and ``conditioning``, how they are told the label; the generator also
    ``latent``. The generator maps (N, latent) and labels (N,) or None to (N, C, H, W); the critic maps
    images and labels to logits (N,).

    Attributes:
        conditionings: what the generator offers, the default first.
        critic_conditionings: what the critic offers, the default first.
        compares_rows: whether the critic takes ``group``, so many rows that it compares with one another.
        batch_statistics: whether the critic normalises over the batch.
        packs: whether the critic takes several images in the channels of one.
    """

    generator: type[nn.Module]
    critic: type[Critic]
    conditionings: tuple[str, ...] = GENERATOR_CONDITIONINGS
    critic_conditionings: tuple[str, ...] = CRITIC_CONDITIONINGS
    compares_rows: bool = False
    batch_statistics: bool = False
    packs: bool = True


def list_networks() -> list[str]:
    """The registered families."""
    return FAMILIES.names


def create_generator(name: str, **arguments: Any) -> nn.Module:
    """A generator of the family ``name`` with fresh weights from torch's default random state.

    Raises: InputError: for an unknown name, or a conditioning that the family does not offer.
    """
    family = FAMILIES.get(name)
    if "conditioning" in arguments:
        check_offered(name, "generator", arguments["conditioning"], family.conditionings)
    return family.generator(**arguments)


def create_critic(name: str, **arguments: Any) -> Critic:
    """The critic of the family ``name`` with fresh weights from torch's default random state.

    Raises: InputError: as ``create_generator``; or when a pretrained network it stands on is missing.
    """
    family = FAMILIES.get(name)
    if "conditioning" in arguments:
        check_offered(name, "critic", arguments["conditioning"], family.critic_conditionings)
    return family.critic(**arguments)
