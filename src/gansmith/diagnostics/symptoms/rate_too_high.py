"""Steps are so long that weights are thrown about."""

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

JUMP, WIDE, TOGETHER = 0.7, 8.0, 5


def look(record: Record) -> Sign | None:
    """By what factor the spread of the critic's verdicts changes from one probe to the next, as a logarithm.

    The median of five neighbouring changes, wherever in the run it is largest: a critic that learns changes its mind
    slowly, one whose weights are thrown about is another one at each probe.
    """
    spread = np.log(np.maximum(record.values("probe.logit_deviation"), 1e-9))
    changes = np.abs(np.diff(spread))
    if len(changes) < TOGETHER:
        return None
    jump = float(np.median(np.lib.stride_tricks.sliding_window_view(changes, TOGETHER), axis=1).max())
    if jump < JUMP or spread.max() < np.log(WIDE):
        return None
    evidence = {"factor_between_probes": float(np.exp(jump)), "largest_spread": float(np.exp(spread.max()))}
    return Sign("act", sureness(jump, JUMP, 2 * JUMP), evidence, "lower the learning rate to a third", "--rate")


rate_too_high = Symptom(
    look,
    reads=("probe.logit_deviation",),
    explains=(
        "gamma-too-low",
        "critic-too-weak",
        "critic-overfit",
        "vanishing-gradient",
        "exploding-gradient",
        "oscillation",
        "mode-collapse",
        "partial-collapse",
        "divergence",
        "nan",
        "ema-lag",
        "dropped-classes",
        "artefacts",
        "colour-drift",
        "plateau",
        "wrong-range",
        "labels-ignored",
    ),
    cure=Cure("rate", 1 / 3),
)
