"""Nothing has become better for a long while: time to stop."""

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

LONG, BETTER = 0.3, 0.97


def look(record: Record) -> Sign | None:
    """How long ago, in shares of the budget, a score was last clearly better than all before it."""
    series = record.series("score.fd")
    if len(series) < 4:
        return None
    lowest = np.minimum.accumulate(series[:, 1])
    improved = np.flatnonzero(series[1:, 1] < BETTER * lowest[:-1])
    since = series[improved[-1] + 1, 0] if len(improved) else series[0, 0]
    share = (series[-1, 0] - since) / max(record.budget, 1)
    if share < LONG:
        return None
    evidence = {"share_of_the_budget": share, "best": float(lowest[-1])}
    return Sign(
        "watch",
        sureness(share, LONG, 0.7),
        evidence,
        "stop here, or go on from here with a fresh schedule",
        "--from RUN",
    )


plateau = Symptom(look, reads=("score.fd",))
