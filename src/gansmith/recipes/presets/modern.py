"""The default: relativistic pairing with R1 + R2, no normalisation in the critic, one cosine.

Source: Huang et al. 2024, arXiv:2501.05441; rates, widths and the penalty's interval are measured here (LOG.md).
"""

import math

import numpy as np

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.sizes import choose_size, finest_width

GAMMA_BY_RESOLUTION = {32: 0.5, 64: 2.0, 256: 150.0}
GAMMA_WITH_LABELS = GAMMA_BY_RESOLUTION | {32: 0.2}
GROUP = 4
RATES = {"modulated": 5e-3, "strided": 5e-3, "dcgan": 2e-3}
NETWORKS = {
    "modulated": "the latent in every stage, and depth where it costs little: FD 248 in place of 290 (LOG.md)",
    "residual": "depth pays on large budgets",
}
SHORT_BUDGET, RATE_FALLS = 60_000, 0.28  # measured: 5e-3 is best for one minute, 2.5e-3 for ten (LOG.md)
LARGE_BATCH_FROM = 250_000
AVERAGED = 0.15
FEW_PASSES, MANY_PASSES = 60, 600

LEAST_PROBABILITY = 0.1


def modern(facts: Facts) -> Choices:
    """Every choice of the modern image game."""
    size = choose_size(facts)
    network = facts.network or ("residual" if size.value == "l" else "modulated")
    gamma = gamma_for(facts.resolution, labelled=bool(facts.classes))
    batch = min(batch_for(facts.images), max(8, facts.train_images // 4), facts.train_images)
    rate = rate_for(network, facts.images, batch)
    width = finest_width(size.value, facts.resolution)
    return {
        "objective": Choice("relativistic-pairing", "compares each fake with a real image, which covers modes"),
        "penalty": Choice("r1-r2", "with relativistic pairing it provably converges near the solution"),
        "penalty_every": Choice(4, "every fourth step at four times the weight: cheaper, and better at equal time"),
        "gamma": Choice(
            [gamma, gamma / 10],
            f"by resolution ({min(facts.resolution)} px) and whether there are labels, falling tenfold over the run",
        ),
        "size": size,
        "network": Choice(network, "asked for" if facts.network else NETWORKS[network]),
        "generator_width": Choice(width, "by size and resolution"),
        "critic_width": Choice(width, "the generator's: a thinner critic soon sees nothing wrong (LOG.md)"),
        "latent": Choice(64, "enough for these budgets"),
        "group": Choice(GROUP, "the critic sees how much so many images differ: FD 286 in place of 334 (LOG.md)"),
        "batch": Choice(
            batch,
            f"by budget ({facts.images:,} images): at first steps count, later their noise"
            if batch == batch_for(facts.images)
            else "a quarter of the few images",
        ),
        "rate": Choice(
            [rate, rate * 0.03], f"by network, batch and budget ({facts.images:,} images); one cosine to 3 %"
        ),
        "optimiser": Choice(
            "orthogonal", "as far in weak directions of a kernel as in strong ones: FD 226 for 320 (LOG.md)"
        ),
        "betas": Choice([0.0, 0.95], "no momentum against a moving opponent; a short second moment"),
        **average_of(facts),
        "augment": Choice(round(augment_probability(facts.passes), 2), augment_reason(facts)),
        "mirror": Choice(False, "mirrored copies would teach wrong sides (shoes, letters); ask with --mirror"),
    }


def average_of(facts: Facts) -> Choices:
    """The running average's half-life, in proportion to what has been seen."""
    return {
        "ema_halflife_images": Choice(
            round(AVERAGED * facts.images), "in proportion to the budget: FD 291 in place of 300 (LOG.md)"
        ),
        "ema_ramp": Choice(AVERAGED, "in proportion to the images seen, so that every score on the way is as fair"),
    }


def batch_for(images: int) -> int:
    """Images a step: 64, and 128 from a budget of a quarter of a million images on (LOG.md)."""
    return 64 if images < LARGE_BATCH_FROM else 128


def rate_for(network: str, images: int, batch: int = 64) -> float:
    """The peak learning rate: high where images are few, lower by a power of the budget, to two digits.

    Check: a tenfold budget halves it; a batch of 128 has a fifth more than one of 64.
    """
    share = min(1.0, (SHORT_BUDGET / max(images, 1)) ** RATE_FALLS)
    return float(f"{RATES.get(network, 1e-3) * share * max(1.0, batch / 64) ** 0.25:.1e}")


def gamma_for(resolution: tuple[int, int], labelled: bool = False) -> float:
    """The penalty's weight at the start, interpolated in logarithms between measured resolutions.

    With labels it is less at 32 px: more silences a critic that a good generator leaves little to tell.

    Source: 64 and 256 px from Huang et al. 2024 (FFHQ); 32 px measured here (LOG.md).
    """
    sizes, gammas = zip(*(GAMMA_WITH_LABELS if labelled else GAMMA_BY_RESOLUTION).items(), strict=True)
    side = math.sqrt(resolution[0] * resolution[1])
    return float(np.round(np.exp(np.interp(math.log(side), np.log(sizes), np.log(gammas))), 3))


def augment_probability(passes: float) -> float:
    """0 up to 60 passes over the data, 0.8 from 600 on, by the logarithm between; under 0.1 none, for its time."""
    share = 0.8 * float(np.interp(math.log(max(passes, 1)), [math.log(FEW_PASSES), math.log(MANY_PASSES)], [0, 1]))
    return share if share >= LEAST_PROBABILITY else 0.0


def augment_reason(facts: Facts) -> str:
    """Why the probability is what it is."""
    if facts.passes <= FEW_PASSES:
        return f"each image is shown about {facts.passes:.0f} times: the critic cannot learn them by heart"
    return f"each image is shown about {facts.passes:.0f} times: altered, so that it is not learned by heart"
