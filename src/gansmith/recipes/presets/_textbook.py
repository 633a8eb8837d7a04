"""What the textbook games share, so that they differ in nothing but their objective and its companions."""

from typing import Any

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets.modern import average_of, batch_for
from gansmith.recipes.sizes import choose_size, finest_width


def textbook(facts: Facts, **own: Choice) -> Choices:
    """The default's networks, batch, schedule and average; ``own`` choices in place of the plain ones.

    Args:
        facts: what the choices follow from.
        own: at least ``objective``.
    """
    size = choose_size(facts)
    width = finest_width(size.value, facts.resolution)
    plain: dict[str, Any] = {
        "penalty": Choice(None, "this game has none"),
        "penalty_every": Choice(1, "in every step, as in the paper"),
        "gamma": Choice([0.0, 0.0], "no penalty"),
        "size": size,
        "network": Choice(facts.network or "modulated", "the default's, so that games can be compared"),
        "generator_width": Choice(width, "by size and resolution"),
        "critic_width": Choice(width, "as wide as the generator, as in the default"),
        "latent": Choice(64, "as in the default"),
        "batch": Choice(min(batch_for(facts.images), facts.train_images), "by budget, as in the default"),
        "rate": Choice([1e-3, 3e-5], "a middle one of those tried (LOG.md); one cosine to 3 %"),
        "betas": Choice([0.5, 0.999], "the usual ones since DCGAN"),
        **average_of(facts),
        "augment": Choice(0.0, "the paper has none"),
        "mirror": Choice(False, "the paper has none"),
    }
    return plain | own


def weighted(penalty: str, weight: float) -> dict[str, Choice]:
    """A penalty with its paper's weight, constant."""
    return {
        "penalty": Choice(penalty, "this game's companion"),
        "gamma": Choice([weight, weight], "the paper's weight, constant"),
    }
