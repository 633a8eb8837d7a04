"""The defaults of translation; their rates and weights are measured here (LOG.md)."""

from gansmith.recipes.choices import Choice, Choices, Facts
from gansmith.recipes.translating.choosing import falling, plain


def paired_default(facts: Facts) -> Choices:
    """Of paired translation: the modern game on pairs, several answers, their mean drawn to the truth."""
    return plain(facts) | {
        "objective": Choice("relativistic-pairing", "compares a true and a made answer for one picture"),
        "gamma": Choice([0.1, 0.01], "FD excess 278 in place of 322 with 1.0; falling tenfold over the run"),
        "rate": falling(5e-3, facts.images, "FD excess 251 in place of 362 with 2e-3 (LOG.md)"),
        "latent": Choice(8, "several answers for one picture"),
        "reconstruction": Choice(10.0, "the mean answer is drawn to the truth"),
        "spread": Choice(1.0, "answers are rewarded for spreading as truths do"),
    }


def unpaired_default(facts: Facts) -> Choices:
    """Of unpaired translation: the modern game there and back, beginning with pictures as they are."""
    return plain(facts) | {
        "objective": Choice("relativistic-pairing", "compares a real and a made picture of B"),
        "gamma": Choice([0.1, 0.01], "as with pairs; falling tenfold over the run"),
        "rate": falling(2e-3, facts.images, "smaller than with pairs, where the truth steadies it"),
        "residual": Choice(True, "an answer is added to the given picture, which it begins as"),
        "cycle": Choice(10.0, "there and back is where it began; contrast alone lets colours fade (LOG.md)"),
        "identity": Choice(2.0, "pictures of B stay as they are, which fixes the sense of colours"),
        "contrast": Choice(0.0, "the way back binds"),
        "contrast_identity": Choice(0.0, "left out"),
        "history": Choice(0, "the penalties settle the game without one"),
    }


def superres_default(facts: Facts) -> Choices:
    """Of enlarging: one answer, added to the plain enlargement."""
    return paired_default(facts) | {
        "latent": Choice(0, "one answer for each picture"),
        "spread": Choice(0.0, "there is one answer"),
        "residual": Choice(True, "the answer is what the plain enlargement lacks"),
    }


def inpaint_default(facts: Facts) -> Choices:
    """Of filling holes: several answers."""
    return paired_default(facts)
