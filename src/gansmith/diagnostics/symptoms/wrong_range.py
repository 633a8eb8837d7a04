"""Drawn values span another range than real ones: a scaling that only one side went through."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_pictures

NARROW, WIDE = 0.75, 1.3


def look(record: Record) -> Sign | None:
    """The span of 64 drawn images over that of as many real ones; a generator that learns fills it early."""
    real, drawn = (record.last(f"{kind}.high") - record.last(f"{kind}.low") for kind in ("real", "probe.drawn"))
    ratio = drawn / max(real, 1e-9)
    if NARROW <= ratio <= WIDE:
        return None
    low, high = record.last("probe.drawn.low"), record.last("probe.drawn.high")
    evidence = {"span_over_real": ratio, "drawn_from": low, "drawn_to": high}
    evidence |= {"real_from": record.last("real.low"), "real_to": record.last("real.high")}
    sure = sureness(ratio, NARROW, NARROW / 2) if ratio < NARROW else sureness(ratio, WIDE, 2 * WIDE)
    return Sign("act", sure, evidence, "bring real and drawn images to the same range, [-1, 1] here")


wrong_range = Symptom(
    look,
    reads=("real.low", "probe.drawn.low"),
    explains=(
        "colour-drift",
        "mode-collapse",
        "partial-collapse",
        "dropped-classes",
        "vanishing-gradient",
        "critic-too-weak",
        "plateau",
        "divergence",
    ),
    lasts=0.15,
    applies=of_pictures,
    fatal=True,
)
