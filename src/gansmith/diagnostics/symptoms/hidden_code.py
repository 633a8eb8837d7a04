"""Answers carry the input in what nobody sees, so that the way back is easy whatever they show."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_translations

WORSE, LATEST = 2.5, 3


def look(record: Record) -> Sign | None:
    """How much worse the way back is from an answer that was disturbed too little to see.

    Source: Chu et al. 2017, arXiv:1712.02950.
    """
    worse = record.last("probe.hidden", LATEST)
    if worse <= WORSE:
        return None
    advice = "ask less of the way back, or bind patches by their place instead"
    return Sign(
        "act", sureness(worse, WORSE, 3 * WORSE), {"way_back_worse_by": worse}, advice, "--cycle 0 --contrast 1"
    )


hidden_code = Symptom(
    look,
    reads=("probe.hidden",),
    applies=lambda record: of_translations(record) and bool(record.choices.get("cycle")),
    lasts=0.2,
)
