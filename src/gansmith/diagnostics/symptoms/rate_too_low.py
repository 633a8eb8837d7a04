"""Steps are so short that weights hardly move within the budget."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.motion import Motion
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

SLOW, STRAIGHT = 0.002, 0.15


def look(record: Record) -> Sign | None:
    """The share of its own length that the generator moves in a step while the rate is at its peak, always onwards."""
    motion = Motion.of(record, "generator")
    if len(motion.turns) < 3:
        return None
    stir, onwards = motion.early(), float(sorted(motion.turns)[len(motion.turns) // 2])
    if stir >= SLOW or onwards < STRAIGHT:
        return None
    evidence = {"moved_in_a_step": stir, "cosine_of_movements": onwards}
    return Sign("act", sureness(stir, SLOW, SLOW / 5), evidence, "raise the learning rate threefold", "--rate")


rate_too_low = Symptom(
    look,
    reads=("probe.sketch.generator",),
    explains=(
        "gamma-too-high",
        "critic-too-weak",
        "mode-collapse",
        "partial-collapse",
        "ema-lag",
        "ema-too-fast",
        "artefacts",
        "colour-drift",
        "dropped-classes",
        "plateau",
        "labels-ignored",
    ),
    lasts=0.1,
    cure=Cure("rate", 3.0),
)
