"""pix2pix: a U-Net, a critic of patches, and the distance to the truth.

Source: Isola et al. 2017, arXiv:1611.07004.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.translating.choosing import published


def pix2pix(facts: Facts) -> Choices:
    """Every choice of the paper's; the schedule is stretched over the budget."""
    return published(facts) | {
        "network": Choice(facts.network or "unet", "the paper's"),
        "objective": Choice("non-saturating", "the paper's"),
        "batch": Choice(min(4, facts.train_images), "the paper's are 1 to 10"),
        "reconstruction": Choice(100.0, "the paper's"),
        "spread": Choice(0.0, "one answer for each picture"),
    }
