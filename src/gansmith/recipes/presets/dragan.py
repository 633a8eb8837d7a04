"""DRAGAN: the original game, the critic's slope drawn to 1 around real images.

Source: Kodali et al. 2017, arXiv:1705.07215.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets._textbook import textbook, weighted


def dragan(facts: Facts) -> Choices:
    """Every choice of DRAGAN."""
    return textbook(facts, objective=Choice("non-saturating", "the original game's"), **weighted("dragan", 10.0))
