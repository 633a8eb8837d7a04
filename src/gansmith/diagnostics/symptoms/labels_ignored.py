"""The generator draws the same whatever class it is asked for."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, with_labels

LITTLE, LATEST = 0.2, 3


def look(record: Record) -> Sign | None:
    """How far another label moves an image, over how far another latent does."""
    moves = record.last("probe.label_moves", LATEST)
    if moves >= LITTLE:
        return None
    advice = "check that labels belong to their images; let the critic ask for them"
    flag = "--critic-conditioning auxiliary"
    return Sign("act", sureness(moves, LITTLE, 0.0), {"label_moves_over_latent": moves}, advice, flag)


labels_ignored = Symptom(
    look,
    reads=("probe.label_moves",),
    lasts=0.15,
    applies=with_labels,
    fatal=True,
)
