"""The original game with the generator's better gradient: it maximises log D.

Source: Goodfellow et al. 2014, arXiv:1406.2661, section 3.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets._textbook import textbook


def non_saturating(facts: Facts) -> Choices:
    """Every choice of the non-saturating game on the default's networks."""
    return textbook(facts, objective=Choice("non-saturating", "the generator's gradient stays where the critic wins"))
