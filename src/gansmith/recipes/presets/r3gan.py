"""R3GAN as published, on networks as thin as the budget allows: the yardstick that the default is measured by.

Source: Huang et al. 2024, arXiv:2501.05441, section 4 and appendix; the schedule is stretched over the budget.
"""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.presets.modern import gamma_for
from gansmith.recipes.sizes import choose_size, finest_width

GAMMA_AT_32 = 0.05


def r3gan(facts: Facts) -> Choices:
    """Every choice of the paper's; its augmentation is left out, as few budgets here show an image often."""
    size = choose_size(facts)
    width = max(16, finest_width(size.value, facts.resolution) // 2)
    small = min(facts.resolution) <= 32
    gamma = GAMMA_AT_32 if small else gamma_for(facts.resolution)
    return {
        "objective": Choice("relativistic-pairing", "the paper's"),
        "penalty": Choice("r1-r2", "the paper's"),
        "penalty_every": Choice(1, "the paper's: exact, in every step"),
        "gamma": Choice([gamma, gamma / 10], "the paper's for this resolution, falling tenfold"),
        "size": size,
        "network": Choice(facts.network or "residual", "the paper's blocks"),
        "generator_width": Choice(width, "by size and resolution"),
        "critic_width": Choice(width, "as wide as the generator"),
        "latent": Choice(64, "the paper's"),
        "batch": Choice(min(256 if not small else 512, facts.train_images), "the paper's"),
        "rate": Choice([2e-4, 5e-5], "the paper's, one cosine"),
        "betas": Choice([0.0, 0.9, 0.99], "the paper's: the second rises over the run"),
        "ema_halflife_images": Choice(500_000, "the paper's, shorter at the start"),
        "augment": Choice(0.0, "left out: few passes over the data"),
        "mirror": Choice(False, "the paper's for these data"),
    }
