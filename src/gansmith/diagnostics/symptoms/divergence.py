"""What is drawn becomes worse and worse."""

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

WORSE, LOST = 1.5, 0.6
MUCH_WORSE, SOME_LOST = 3.0, 0.85


def look(record: Record) -> Sign | None:
    """The newest scores over the best, where precision and recall together have fallen as well."""
    distances = record.values("score.fd")
    if len(distances) < 3:
        return None
    like = record.values("score.precision") + record.values("score.recall")
    worse, kept = float(np.min(distances[-2:]) / distances.min()), float(like[-2:].max() / max(like.max(), 1e-9))
    if not ((worse >= WORSE and kept <= LOST) or (worse >= MUCH_WORSE and kept <= SOME_LOST)):
        return None
    evidence = {"distance_over_best": worse, "precision_and_recall_kept": kept}
    return Sign(
        "act", sureness(worse, WORSE, 2 * WORSE), evidence, "go back to the best weights with half the rate", "--rate"
    )


divergence = Symptom(
    look,
    reads=("score.fd", "score.precision", "score.recall"),
    explains=(
        "dropped-classes",
        "ema-lag",
        "artefacts",
        "colour-drift",
        "plateau",
    ),
    cure=Cure("rate", 0.5, back=True),
    fatal=True,
)
