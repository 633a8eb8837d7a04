"""WGAN-GP: the critic's mean difference, its slope drawn to 1 between real and fake.

Source: Gulrajani et al. 2017, arXiv:1704.00028, algorithm 1.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets._textbook import textbook, weighted


def wgan_gp(facts: Facts) -> Choices:
    """Every choice of the Wasserstein game with the gradient penalty."""
    return textbook(
        facts,
        objective=Choice("wasserstein", "the earth mover's distance"),
        critic_steps=Choice(5, "the paper's"),
        betas=Choice([0.0, 0.9], "the paper's"),
        **weighted("wgan-gp", 10.0),
    )
