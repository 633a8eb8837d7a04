"""What is bright in the given picture is dark in the answer."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_translations

OPPOSITE, LATEST = -0.3, 3


def look(record: Record) -> Sign | None:
    """The correlation of grey levels with the input's, beside that of the truth where it is known."""
    ours, real = record.last("probe.follows", LATEST), record.last("probe.real_follows", LATEST)
    expected = real if real == real else 0.0  # of unpaired pictures nobody knows
    if ours >= OPPOSITE or ours >= expected + OPPOSITE:
        return None
    advice = "hold pictures of B as they are, which fixes the sense of colours"
    paired = record.choices.get("reconstruction") is not None
    return Sign(
        "act" if paired else "watch",
        sureness(ours, OPPOSITE, -0.9),
        {"correlation": ours} | ({"of_truths": real} if real == real else {}),
        advice,
        "--reconstruction 30" if paired else "--identity 5",
    )


colour_inversion = Symptom(
    look,
    reads=("probe.follows",),
    applies=of_translations,
    lasts=0.2,
)
