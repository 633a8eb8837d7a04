"""The original game as it is written: the generator minimises log(1 - D).

Source: Goodfellow et al. 2014, arXiv:1406.2661, equation (1).
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets._textbook import textbook


def minimax(facts: Facts) -> Choices:
    """Every choice of the saturating game."""
    return textbook(facts, objective=Choice("minimax", "the game itself; its gradient fades where the critic wins"))
