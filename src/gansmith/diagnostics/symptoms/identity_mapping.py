"""The answer is the picture that was given, though it should not be."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_translations

LITTLE, CAUGHT, LATEST = 0.05, 0.75, 3


def look(record: Record) -> Sign | None:
    """How far answers are from the unchanged input, while the critic still tells them from B.

    Where A and B are hardly different nothing has to change; the critic then catches no more than half.
    """
    changed, caught = record.last("probe.changed", LATEST), record.last("probe.caught", LATEST)
    if changed >= LITTLE or caught <= CAUGHT:
        return None
    advice = "let answers leave the given picture: less identity and less cycle"
    return Sign("act", sureness(changed, LITTLE, 0.0), {"changed": changed, "caught": caught}, advice, "--identity 0")


identity_mapping = Symptom(
    look,
    reads=("probe.changed", "probe.caught"),
    applies=of_translations,
    lasts=0.2,
    fatal=True,
)
