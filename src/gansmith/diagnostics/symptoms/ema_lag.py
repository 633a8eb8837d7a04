"""The running average is so slow that it still holds what the generator drew long ago."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

START, FALL, FLAT, EARLY, LATEST = 0.9, 0.5, 0.75, 0.3, 3


def look(record: Record) -> Sign | None:
    """How far the average's images are from the generator's own, for equal latents, over the distance of two images.

    An average over a generator on its way is flatter than any that it passed, too.
    """
    apart = record.last("probe.average_apart", LATEST) / max(record.last("real.variety"), 1e-9)
    line = START - FALL * record.progress  # as the rate falls, so does the way that is left to average over
    flat = record.last("probe.drawn.variety", LATEST) / max(record.last("probe.raw.variety", LATEST), 1e-9)
    if record.progress < EARLY or (apart < line and flat > FLAT):
        return None
    advice = "make the average's half-life shorter"
    return Sign(
        "act",
        max(sureness(apart, line, 2 * line), sureness(flat, FLAT, FLAT / 2)),
        {"apart_over_variety": apart, "variety_over_its_own": flat},
        advice,
    )


ema_lag = Symptom(
    look,
    reads=("probe.average_apart", "real.variety"),
    explains=(
        "dropped-classes",
        "plateau",
    ),
    lasts=0.1,
    cure=Cure("average", 0.1),
)
