"""CUT: one translator, whose patches know where they came from.

Source: Park et al. 2020, arXiv:2007.15651.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.translating.choosing import published


def cut(facts: Facts) -> Choices:
    """Every choice of the paper's; the schedule is stretched over the budget."""
    return published(facts) | {
        "network": Choice(facts.network or "resnet", "the paper's"),
        "objective": Choice("least-squares", "the paper's"),
        "batch": Choice(1, "the paper's"),
        "cycle": Choice(0.0, "the paper has none"),
        "identity": Choice(0.0, "the paper has none"),
        "contrast": Choice(1.0, "the paper's"),
        "contrast_identity": Choice(1.0, "the paper's"),
        "history": Choice(0, "the paper has none"),
    }
