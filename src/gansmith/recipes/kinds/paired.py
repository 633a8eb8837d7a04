"""One picture out of another where the answer is known for some: outlines and colours, maps and scenes.

Source: Isola et al. 2017, arXiv:1611.07004.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from gansmith.core.schedule import Cosine
from gansmith.core.seeds import derived_seed
from gansmith.games.adversarial import Rules
from gansmith.games.paired import Faith, Paired, Sides
from gansmith.networks.normalisation import has_batch_statistics
from gansmith.networks.translators import create_patch_critic, create_translator
from gansmith.objectives import LOSSES, PENALTIES
from gansmith.recipes.choices import Choices, Facts, overridden
from gansmith.recipes.recipe import Recipe
from gansmith.recipes.translating import PAIRED_PRESETS
from gansmith.recipes.translating.choosing import refuse_untranslatable, translator_arguments
from gansmith.recipes.translating.defaults import paired_default


def choose(facts: Facts, preset: str | None, asked: Mapping[str, Any]) -> Choices:
    """Every choice of the paired game, then the user's own.

    Raises: InputError: for an unknown name, or a preset of unpaired translation.
    """
    return overridden((PAIRED_PRESETS.get(preset) if preset else paired_default)(facts), asked)


def build(chosen: dict[str, Any], facts: Facts, seed: int) -> Paired:
    """The game, its weights drawn from the seed. Raises: InputError: when the choices do not go together."""
    refuse_untranslatable(chosen)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "weights"))
        generator = create_translator(chosen["network"], **translator_arguments(chosen, facts))
        critic = create_patch_critic(
            chosen["network"], channels=facts.given + facts.channels, width=chosen["critic_width"]
        )
    rules = Rules(
        objective=LOSSES.get(chosen["objective"]),
        latent=chosen["latent"],
        penalty=PENALTIES.get(chosen["penalty"]) if chosen["penalty"] else None,
        gamma=Cosine(*chosen["gamma"]),
        penalty_every=chosen["penalty_every"],
        critic_sees_apart=has_batch_statistics(critic),
    )
    faith = Faith(weight=chosen["reconstruction"], spread=chosen["spread"])
    return Paired(generator, critic, rules, BothGiven(facts.given), faith)


class BothGiven:
    """Rows hold A's channels, then B's."""

    def __init__(self, given: int):
        self.given = given

    def __call__(self, real: Tensor) -> Sides:
        """(N, C + C', H, W) -> its sides."""
        given = real[:, : self.given]
        return Sides(given, real[:, self.given :], given)


def network(chosen: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """What the translator is created with."""
    return translator_arguments(chosen, facts)


paired = Recipe(choose, build, network, PAIRED_PRESETS, reads="pairs")
