"""Answers to one picture are all alike, though noise was asked for."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_translations

LITTLE, EARLY, LATEST = 0.02, 0.3, 3


def look(record: Record) -> Sign | None:
    """How far other noise moves an answer, over how far two real pictures of B are apart."""
    moves = record.last("probe.noise_moves", LATEST)
    if moves >= LITTLE or record.progress < EARLY:
        return None
    advice = "if one picture has several answers, ask less of the reconstruction; if not, leave the noise out"
    return Sign("watch", sureness(moves, LITTLE, 0.0), {"noise_moves": moves}, advice, "--latent 0")


noise_ignored = Symptom(
    look,
    reads=("probe.noise_moves",),
    applies=lambda record: of_translations(record) and bool(record.choices.get("latent")),
    lasts=0.2,
)
