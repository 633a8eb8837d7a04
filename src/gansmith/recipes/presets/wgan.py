"""WGAN: the critic's mean difference, its weights clipped.

Source: Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets._textbook import textbook


def wgan(facts: Facts) -> Choices:
    """Every choice of the Wasserstein game with clipping."""
    return textbook(
        facts,
        objective=Choice("wasserstein", "the earth mover's distance, as far as clipping lets the critic see it"),
        constraint=Choice("clip", "keeps the critic's slope bounded"),
        critic_steps=Choice(5, "the paper's"),
        rate=Choice([5e-4, 1.5e-5], "a middle one of those tried (LOG.md); one cosine to 3 %"),
        betas=Choice([0.0, 0.9], "no momentum: the paper uses RMSprop"),
    )
