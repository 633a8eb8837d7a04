"""What the recipes that translate have in common."""

from typing import Any

from gansmith.core.errors import InputError
from gansmith.networks.translators import TRANSLATORS
from gansmith.recipes.choices import Choice, Choices, Facts

WIDTHS = {"xs": 12, "s": 16, "m": 32, "l": 48}


def translator_arguments(chosen: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """What the translator is created with."""
    arguments = {"given": facts.given, "channels": facts.channels, "width": chosen["generator_width"]}
    arguments |= {"latent": chosen["latent"]}
    return arguments | ({"residual": 1} if chosen.get("residual") else {})


def refuse_untranslatable(chosen: dict[str, Any]) -> None:
    """Raises: InputError: for choices that do not go together."""
    family = TRANSLATORS.get(chosen["network"])
    if chosen["latent"] and not family.noisy:
        raise InputError(f"the translator {chosen['network']!r} takes no noise; leave --noise out, or choose local")
    if chosen.get("residual") and not family.corrects:
        raise InputError(f"the translator {chosen['network']!r} corrects no picture; choose --network local")
    if chosen["augment"]:
        raise InputError("translation is trained without augmentation so far; leave --augment out")


def plain(facts: Facts) -> Choices:
    """What no translation preset changes unless it says so."""
    size = facts.size or "s"
    width = WIDTHS[size]
    return {
        "size": Choice(size, "asked for" if facts.size else "in a few minutes, images seen are worth more than width"),
        "network": Choice(facts.network or "local", "a bounded view and no statistics over space: any size, in tiles"),
        "generator_width": Choice(width, "by size"),
        "critic_width": Choice(width, "as the translator's"),
        "latent": Choice(0, "one answer for each picture"),
        "residual": Choice(False, "an answer is made anew, not added to the given picture"),
        "batch": Choice(max(1, min(batch_for(facts.images), facts.train_images)), "by budget: at first steps count"),
        "optimiser": Choice("orthogonal", "as in the default image game (LOG.md)"),
        "betas": Choice([0.0, 0.95], "no momentum against a moving opponent; a short second moment"),
        "penalty": Choice("r1-r2", "makes the game settle"),
        "penalty_every": Choice(4, "every fourth step at four times the weight: cheaper"),
        "ema_halflife_images": Choice(round(0.15 * facts.images), "in proportion to the budget"),
        "ema_ramp": Choice(0.15, "in proportion to the images seen"),
        "augment": Choice(0.0, "not offered here"),
        "mirror": Choice(False, "left and right may mean something; ask with --mirror"),
    }


PUBLISHED_WIDTH = 64
SHORT_BUDGET, RATE_FALLS, LARGE_BATCH_FROM = 30_000, 0.28, 60_000


def batch_for(images: int) -> int:
    """Images a step: 16, and 32, which costs a quarter less a picture, from 60,000 images on."""
    return 16 if images < LARGE_BATCH_FROM else 32


def falling(rate: float, images: int, reason: str) -> Choice:
    """A learning rate: the peak falls by the default image game's power of the budget; one cosine to 3 % of it.

    Check: a tenfold budget halves the peak.
    """
    peak = float(f"{rate * min(1.0, (SHORT_BUDGET / max(images, 1)) ** RATE_FALLS):.1e}")
    return Choice([peak, peak * 0.03], f"{reason}; by budget, one cosine to 3 %")


def published(facts: Facts) -> Choices:
    """What the published games share: their networks' width, Adam at 2e-4, no penalty, one answer."""
    width = WIDTHS[facts.size] if facts.size else PUBLISHED_WIDTH
    return plain(facts) | {
        "generator_width": Choice(width, "by size" if facts.size else "the paper's"),
        "critic_width": Choice(width, "as the translator's"),
        "rate": Choice([2e-4, 6e-6], "the paper's, one cosine to 3 %"),
        "optimiser": Choice("adam", "the paper's"),
        "betas": Choice([0.5, 0.999], "the paper's"),
        "penalty": Choice(None, "the paper has none"),
        "penalty_every": Choice(1, "there is none"),
        "gamma": Choice([0.0, 0.0], "there is no penalty"),
    }
