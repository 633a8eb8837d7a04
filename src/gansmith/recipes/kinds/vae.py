"""The variational autoencoder: the same generator, trained by the evidence lower bound instead of a critic.

Source: Kingma and Welling 2014, arXiv:1312.6114.
"""

from collections.abc import Mapping
from typing import Any

import torch

from gansmith.core.errors import InputError
from gansmith.core.seeds import derived_seed
from gansmith.games.variational import Bound, Variational
from gansmith.networks.autoencoder import Autoencoder
from gansmith.recipes.choices import Choice, Choices, Facts, overridden
from gansmith.recipes.recipe import Recipe, generator_arguments
from gansmith.recipes.sizes import choose_size, finest_width

BOUND: Choices = {
    "beta": Choice(1.0, "the evidence lower bound itself"),
    "free_nats": Choice(0.0, "every latent pays for what it carries"),
}


def choose(facts: Facts, preset: str | None, asked: Mapping[str, Any]) -> Choices:
    """Every choice of the variational game, then the user's own.

    Raises: InputError: for a preset, of which this recipe has none, or an unknown name.
    """
    if preset:
        raise InputError("the recipe vae has no presets; leave --preset out")
    size = choose_size(facts)
    chosen = BOUND | {
        "size": size,
        "network": Choice(facts.network or "modulated", "as in the default game, so that the two can be compared"),
        "generator_width": Choice(finest_width(size.value, facts.resolution), "by size and resolution"),
        "critic_width": Choice(finest_width(size.value, facts.resolution), "the encoder's: as wide as the generator"),
        "generator_conditioning": Choice("concatenation", "the label is joined to the latent"),
        "latent": Choice(64, "as in the default game"),
        "batch": Choice(min(64, facts.train_images), "more steps a minute than larger ones"),
        "rate": Choice([2e-3, 6e-5], "one cosine to 3 %"),
        "optimiser": Choice("adam", "nobody plays against it"),
        "betas": Choice([0.9, 0.999], "Adam's own: nobody plays against it"),
        "ema_halflife_images": Choice(10_000, "averages out the last steps"),
        "augment": Choice(0.0, "there is no critic to be shown anything"),
        "mirror": Choice(False, "mirrored copies would teach wrong sides; ask with --mirror"),
    }
    return overridden(chosen, asked)


def autoencoder_of(chosen: dict[str, Any], facts: Facts) -> Autoencoder:
    """Encoder and generator with weights from torch's random state."""
    return Autoencoder(chosen["network"], generator_arguments(chosen, facts), chosen["critic_width"])


def bound_of(chosen: dict[str, Any]) -> Bound:
    """How the bound is weighed."""
    return Bound(latent=chosen["latent"], beta=chosen["beta"], free_nats=chosen["free_nats"])


def build(chosen: dict[str, Any], facts: Facts, seed: int) -> Variational:
    """The game, its weights drawn from the seed. Raises: InputError: when the choices do not go together."""
    if chosen["augment"]:
        raise InputError("the recipe vae has no critic to be shown altered images; leave --augment out")
    if chosen["generator_conditioning"] != "concatenation" and not facts.classes:
        raise InputError("--generator-conditioning needs labels, and these data bring none (or --no-labels was given)")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "weights"))
        return Variational(autoencoder_of(chosen, facts), bound_of(chosen))


vae = Recipe(choose, build)
