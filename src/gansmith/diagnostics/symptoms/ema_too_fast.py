"""There is as good as no running average, while the generator still moves about."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.motion import Motion
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

NEAR, MOVING, LATEST = 0.01, 0.3, 3


def look(record: Record) -> Sign | None:
    """Images of the average equal the generator's own, though its steps have not become small."""
    apart = record.last("probe.average_apart", LATEST) / max(record.last("real.variety"), 1e-9)
    motion = Motion.of(record, "generator")
    if apart >= NEAR or len(motion.stir) < 4:
        return None
    moving = float(sorted(motion.stir[-LATEST:])[LATEST // 2]) / max(motion.early(), 1e-12)
    if moving < MOVING:
        return None
    evidence = {"apart_over_variety": apart, "movement_left": moving}
    advice = "average over more images, or let the rate fall further"
    return Sign("act", sureness(apart, NEAR, 0.0), evidence, advice)


ema_too_fast = Symptom(
    look, reads=("probe.average_apart", "probe.sketch.generator"), lasts=0.3, cure=Cure("average", 3.0)
)
