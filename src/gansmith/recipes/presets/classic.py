"""The textbook GAN: DCGAN networks, cross-entropy on logits, Adam 2e-4 with betas 0.5 and 0.999.

Source: Goodfellow et al. 2014, arXiv:1406.2661; Radford et al. 2016, arXiv:1511.06434. Batch and
widths are tuned for two cores (LOG.md); rate and betas are the paper's.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.sizes import choose_size, finest_width


def classic(facts: Facts) -> Choices:
    """Every choice of the textbook game."""
    size = choose_size(facts)
    return {
        "objective": Choice("non-saturating", "the textbook's: the generator maximises log D(G(z))"),
        "penalty": Choice(None, "the textbook has none"),
        "penalty_every": Choice(1, "no penalty"),
        "gamma": Choice([0.0, 0.0], "no penalty"),
        "size": size,
        "network": Choice("dcgan", "the textbook's"),
        "generator_width": Choice(finest_width(size.value, facts.resolution), "by size and resolution"),
        "critic_width": Choice(finest_width(size.value, facts.resolution), "as wide as the generator"),
        "latent": Choice(100, "the paper's"),
        "batch": Choice(
            min(8, facts.train_images),
            "tuned: at the paper's rate, steps are what is missing (LOG.md)",
        ),
        "rate": Choice([2e-4, 2e-4], "the paper's, constant"),
        "betas": Choice([0.5, 0.999], "the paper's first moment, Adam's second"),
        "ema_halflife_images": Choice(10_000, "kept beside the game, as for every run here"),
        "augment": Choice(0.0, "the textbook has none"),
        "mirror": Choice(False, "the textbook has none"),
    }
