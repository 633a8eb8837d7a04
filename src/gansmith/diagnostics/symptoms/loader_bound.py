"""Training waits for its images."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

SLOW, LATEST = 0.15, 10


def look(record: Record) -> Sign | None:
    """The share of the time in which a step had to wait for its batch."""
    share = record.last("train.wait_share", LATEST)
    if share < SLOW:
        return None
    advice = "keep the images on a local disk, and let gansmith prepare them once"
    return Sign("act", sureness(share, SLOW, 0.5), {"waiting": share}, advice)


loader_bound = Symptom(look, reads=("train.wait_share",))
