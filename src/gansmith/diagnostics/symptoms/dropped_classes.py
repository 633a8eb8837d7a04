"""Some kinds of images are hardly ever drawn."""

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

RARE, ALIKE = 0.1, 0.25


def look(record: Record) -> Sign | None:
    """Kinds are classes, or clusters of real features; a sample is of the kind of its nearest real image."""
    shares = record.values("score.shares")
    if (len(shares) < 2 and record.budget) or record.last("score.precision", 2) < ALIKE:
        return None
    newest = np.atleast_2d(shares)[-2:].mean(0)
    rare = newest < RARE
    if not rare.any():
        return None
    evidence = {"rare": int(rare.sum()), "of": len(newest), "share_of_the_rarest": float(newest.min())}
    advice = "look which kinds are missing; train longer with a critic that compares images, or on labels"
    return Sign("act", sureness(float(newest.min()), RARE, 0.0), evidence, advice, "--group 4")


dropped_classes = Symptom(look, reads=("score.shares", "score.precision"), lasts=0.2)
