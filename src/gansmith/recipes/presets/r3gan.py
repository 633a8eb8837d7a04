"""R3GAN as published, on networks as thin as the budget allows: the yardstick that the default is measured by.

Source: Huang et al. 2024, arXiv:2501.05441, section 4 and appendix; the schedule is stretched over the budget.
"""

import math

import numpy as np

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.sizes import choose_size, finest_width

GAMMAS = {32: 0.05, 64: 2.0, 256: 150.0}
SMALL, LARGE = 512, 256  # batches of CIFAR-10 and of FFHQ-64


def r3gan(facts: Facts) -> Choices:
    """Every choice of the paper's, but for its augmentation and its mirrored copies."""
    size = choose_size(facts)
    width = max(16, finest_width(size.value, facts.resolution) // 2)
    side = math.sqrt(facts.resolution[0] * facts.resolution[1])
    small = side <= 32
    gamma = float(np.exp(np.interp(math.log(side), np.log([*GAMMAS]), np.log([*GAMMAS.values()]))).round(3))
    return {
        "objective": Choice("relativistic-pairing", "the paper's"),
        "penalty": Choice("r1-r2", "the paper's"),
        "penalty_every": Choice(1, "the paper's: exact, in every step"),
        "gamma": Choice([gamma, gamma / 10], "the paper's, by logarithms between its resolutions; falling tenfold"),
        "size": size,
        "network": Choice(facts.network or "residual", "the paper's blocks"),
        "generator_width": Choice(width, "by size and resolution"),
        "critic_width": Choice(width, "as wide as the generator"),
        "latent": Choice(64, "the paper's"),
        "batch": Choice(min(SMALL if small else LARGE, facts.train_images), "the paper's for this resolution"),
        "rate": Choice([2e-4, 5e-5], "the paper's, one cosine"),
        "betas": Choice([0.0, 0.9, 0.99], "the paper's: the second rises over the run"),
        "ema_halflife_images": Choice(5_000_000 if small else 500_000, "the paper's, shorter at the start"),
        "augment": Choice(0.0, "left out: few passes over the data"),
        "mirror": Choice(False, "left out: mirrored copies would teach wrong sides; ask with --mirror"),
    }
