"""A loss, a gradient or a weight is no longer a number."""

from gansmith.diagnostics.finding import Sign
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom


def look(record: Record) -> Sign | None:
    """Certain: training stops at the first such value, and the step is played again to see where it began."""
    stopped = record.rows.get("stop", ())
    if not stopped:
        return None
    evidence = {name: stopped[-1].get(name) for name in ("player", "what", "where", "images")}
    advice = "train again from the last good state with a third of the learning rate"
    return Sign("act", 1.0, evidence, advice, "--rate")


nan = Symptom(look, reads=())
