"""CycleGAN: two translators, there and back, and two critics.

Source: Zhu et al. 2017, arXiv:1703.10593.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.translating.choosing import published


def cyclegan(facts: Facts) -> Choices:
    """Every choice of the paper's; the schedule is stretched over the budget."""
    return published(facts) | {
        "network": Choice(facts.network or "resnet", "the paper's"),
        "objective": Choice("least-squares", "the paper's"),
        "batch": Choice(1, "the paper's"),
        "cycle": Choice(10.0, "the paper's"),
        "identity": Choice(5.0, "half of the cycle's, as published for paintings"),
        "contrast": Choice(0.0, "the paper has none"),
        "contrast_identity": Choice(0.0, "the paper has none"),
        "history": Choice(50, "the paper's"),
    }
