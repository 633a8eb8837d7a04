"""The one dial: how large the networks are."""

from gansmith.networks.canvas import Canvas
from gansmith.recipes.choices import Choice, Facts

COARSEST = {"xs": 64, "s": 128, "m": 256, "l": 384}
NARROWEST = 8
LONG_MINUTES = 45


def choose_size(facts: Facts) -> Choice:
    """xs, s, m or l, by the budget where the user does not say."""
    if facts.size:
        return Choice(facts.size, "asked for")
    if facts.accelerated:
        return Choice("l", "an accelerator is there")
    if (facts.minutes or 0) >= LONG_MINUTES:
        return Choice("m", f"from about {LONG_MINUTES} minutes on, width pays for itself")
    return Choice("s", "in a few minutes on a processor, images seen are worth more than width")


def finest_width(size: str, resolution: tuple[int, int]) -> int:
    """Channels of the finest stage, so that the coarsest has the size's width.

    Check: (s, 32 px) -> 32; (s, 64 px) -> 16; never below 8.
    """
    doublings = Canvas.of(resolution).doublings
    return max(NARROWEST, COARSEST[size] >> (doublings - 1))
