"""What is drawn lies closer to training images than new real images do."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

NEAR = 0.75


def look(record: Record) -> Sign | None:
    """The mean distance of samples to the nearest training image over that of held-out images, among features."""
    ratio = record.last("score.neighbour_ratio", 2)
    if ratio >= NEAR:
        return None
    advice = "stop here or go back: more images, more augmentation, fewer passes over them"
    return Sign("act", sureness(ratio, NEAR, NEAR / 3), {"distance_over_held_out": ratio}, advice, "--augment ada")


copying = Symptom(
    look,
    reads=("score.neighbour_ratio",),
    explains=(
        "partial-collapse",
        "dropped-classes",
        "plateau",
    ),
    lasts=0.1,
)
