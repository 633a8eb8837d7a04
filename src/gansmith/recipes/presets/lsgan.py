"""LSGAN: squared distances of the critic's output from 1 and 0.

Source: Mao et al. 2017, arXiv:1611.04076.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets._textbook import textbook


def lsgan(facts: Facts) -> Choices:
    """Every choice of the least-squares game."""
    return textbook(facts, objective=Choice("least-squares", "squared distances in place of cross-entropy"))
