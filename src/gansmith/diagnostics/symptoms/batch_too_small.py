"""So few images make a step that its direction is mostly chance."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

SMALL = 16


def look(record: Record) -> Sign | None:
    """By its size, where there are enough images for more."""
    batch = int(record.choices.get("batch") or SMALL)
    if batch >= SMALL or record.facts.get("train_images", 0) < 8 * SMALL:
        return None
    return Sign("act", sureness(batch, SMALL, 2), {"batch": batch}, "show more images a step", "--batch 64")


batch_too_small = Symptom(
    look,
    reads=("probe.caught",),
    explains=(
        "rate-too-high",
        "oscillation",
        "ema-lag",
        "plateau",
        "divergence",
        "dropped-classes",
    ),
    lasts=0.1,
)
