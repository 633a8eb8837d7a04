"""Networks that make one picture of another, and the patch critics drawn to go with them, one family a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from gansmith.core.registry import Registry

TRANSLATORS = Registry("translator", "gansmith.networks.translators", Path(__file__).parent)


@dataclass(frozen=True)
class TranslatorFamily:
    """A translator and a critic.

    The translator takes ``given`` and ``channels``, of the picture that it is given and of the one that it makes,
    ``latent``, the length of the noise (0: there is none), and ``width``, the channels of its finest maps. It maps
    (N, given, H, W) and (N, latent) or None to (N, channels, H, W) in [-1, 1], at any size, by ``encode`` and then
    ``decode``.

    The critic takes ``channels`` of all that it sees and ``width``; it maps (N, channels, H, W) to logits (N, K),
    a verdict on each of K patches.

    Attributes:
        local: whether a pixel hangs on its surroundings alone, within the translator's ``radius``: no statistics
            are taken over space, so that tiles equal the whole.
        noisy: whether the translator takes noise.
        corrects: whether it takes ``residual``, 1 where its answer is added to the given picture.
    """

    generator: Callable[..., nn.Module]
    critic: Callable[..., nn.Module]
    local: bool = False
    noisy: bool = True
    corrects: bool = False


def create_translator(name: str, **arguments: Any) -> nn.Module:
    """A translator of the family ``name`` with fresh weights from torch's default random state.

    Raises: InputError: for an unknown name.
    """
    return TRANSLATORS.get(name).generator(**arguments)


def create_patch_critic(name: str, **arguments: Any) -> nn.Module:
    """Its critic. Raises: InputError: for an unknown name."""
    return TRANSLATORS.get(name).critic(**arguments)
