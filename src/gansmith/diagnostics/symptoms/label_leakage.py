"""The critic tells real from drawn by the label alone."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, with_labels

MUCH, LATEST = 0.3, 3


def look(record: Record) -> Sign | None:
    """The part of the gap between real and drawn logits that their labels make, in deviations of the logit."""
    gap = record.last("probe.label_gap", LATEST)
    if gap < MUCH:
        return None
    advice = "draw generated images of each class as often as it is real"
    return Sign("act", sureness(gap, MUCH, 3 * MUCH), {"label_gap": gap}, advice)


label_leakage = Symptom(
    look,
    reads=("probe.label_gap",),
    explains=(
        "labels-ignored",
        "dropped-classes",
        "critic-overfit",
        "plateau",
        "divergence",
    ),
    lasts=0.15,
    applies=with_labels,
    fatal=True,
)
