"""Answers hardly hang on the picture that was given."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_translations

LITTLE, LATEST = 0.15, 3


def look(record: Record) -> Sign | None:
    """How far another input moves an answer, over how far two real pictures of B are apart."""
    moves = record.last("probe.input_moves", LATEST)
    if moves >= LITTLE:
        return None
    advice = "hold answers closer to what was given"
    flag = "--reconstruction 30" if record.choices.get("reconstruction") is not None else "--cycle 10"
    return Sign("act", sureness(moves, LITTLE, 0.0), {"input_moves": moves}, advice, flag)


input_ignored = Symptom(
    look,
    reads=("probe.input_moves",),
    applies=of_translations,
    lasts=0.15,
    explains=("mode-collapse", "dropped-classes", "partial-collapse"),
    fatal=True,
)
