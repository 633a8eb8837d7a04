"""VAE-GAN: an autoencoder judged by a critic, in the critic's features.

Source: Larsen et al. 2016, arXiv:1512.09300.
"""

from collections.abc import Mapping
from typing import Any

import torch

from gansmith.core.errors import InputError
from gansmith.core.seeds import derived_seed
from gansmith.games.vae_gan import VaeGan
from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.compatible import refuse_group, refuse_impossible
from gansmith.recipes.kinds.image import altered_copies, augmentation, build_critic, choose_with, rules_of
from gansmith.recipes.kinds.vae import BOUND, autoencoder_of, bound_of
from gansmith.recipes.recipe import Recipe

HYBRID: Choices = BOUND | {"bound_weight": Choice(1.0, "the bound counts as much as the critic's verdict")}


def choose(facts: Facts, preset: str | None, asked: Mapping[str, Any]) -> Choices:
    """The adversarial choices and the bound's, then the user's own. Raises: InputError: for an unknown name."""
    return choose_with(HYBRID, facts, preset, asked)


def build(chosen: dict[str, Any], facts: Facts, seed: int) -> VaeGan:
    """The game, its weights drawn from the seed. Raises: InputError: when the choices do not go together."""
    if chosen["packing"] > 1 or chosen["generator_penalty"]:
        raise InputError("the recipe vae-gan takes neither --packing nor --generator-penalty; leave them out")
    refuse_group(chosen)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "weights"))
        autoencoder = autoencoder_of(chosen, facts)
        critic = build_critic(chosen, facts)
    refuse_impossible(chosen, facts, autoencoder.generator, critic)
    rules = rules_of(chosen, critic)
    shown, copies = augmentation(chosen, facts), altered_copies(rules)
    return VaeGan(autoencoder, critic, rules, bound_of(chosen), chosen["bound_weight"], shown, copies)


vae_gan = Recipe(choose, build)
