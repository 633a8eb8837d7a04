"""The hinge game with spectral normalisation in the critic.

Source: Miyato et al. 2018, arXiv:1802.05957; Lim and Ye 2017, arXiv:1705.02894.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets._textbook import textbook


def hinge(facts: Facts) -> Choices:
    """Every choice of the hinge game."""
    return textbook(
        facts,
        objective=Choice("hinge", "the critic stops caring about what it is sure of"),
        constraint=Choice("spectral", "its usual companion: every layer's slope is at most 1"),
        betas=Choice([0.0, 0.9], "the paper's"),
    )
