"""The default's game alone: relativistic pairing with R1 + R2, on a critic that judges each image by itself.

Source: Huang et al. 2024, arXiv:2501.05441.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets.modern import modern


def rpgan_r1_r2(facts: Facts) -> Choices:
    """As ``modern``, with network and optimiser of the textbook games, so that objectives can be compared."""
    return modern(facts) | {
        "group": Choice(0, "the critic judges each image by itself, as in the textbook games"),
        "optimiser": Choice("adam", "as in the textbook games"),
    }
