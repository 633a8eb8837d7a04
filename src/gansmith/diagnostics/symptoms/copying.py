"""What is drawn lies closer to training images than new real images do."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

NEAR, MANY = 0.75, 0.2


def look(record: Record) -> Sign | None:
    """The mean distance of samples to the nearest training image over that of held-out images, among features.

    Or, where only some are copies, the share of samples that lie so near as one held-out image in fifty does.
    """
    ratio = record.last("score.neighbour_ratio", 2)
    near = record.last("score.near_share", 2)
    if ratio >= NEAR and not near > MANY:
        return None
    evidence = {"distance_over_held_out": ratio, "share_as_near_as_one_in_fifty": near}
    advice = "stop here or go back: more images, more augmentation, fewer passes over them"
    return Sign(
        "act", max(sureness(ratio, NEAR, NEAR / 3), sureness(near, MANY, 1.0)), evidence, advice, "--augment ada"
    )


copying = Symptom(
    look,
    reads=("score.neighbour_ratio",),
    explains=(
        "partial-collapse",
        "dropped-classes",
        "plateau",
    ),
    lasts=0.1,
    cure=Cure("augment", 0.3, back=True),
    fatal=True,
)
