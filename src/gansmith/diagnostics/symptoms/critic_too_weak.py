"""The critic cannot tell drawn images from real ones, though they differ plainly."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

BLIND, POOR, LATEST = 0.58, 0.3, 3


def look(record: Record) -> Sign | None:
    """The share of pairs in which the real image has the higher logit, while few samples look like real images."""
    caught, precision = record.last("probe.caught", LATEST), record.last("score.precision")
    if caught >= BLIND or precision >= POOR:
        return None
    evidence = {"caught": caught, "precision": precision}
    advice = "give the critic more width or a higher rate, or let it move more often"
    return Sign("act", sureness(caught, BLIND, 0.5), evidence, advice, "--critic-steps 2")


critic_too_weak = Symptom(look, reads=("probe.caught", "score.precision"), lasts=0.2)
