"""The critic cannot tell drawn images from real ones, though they differ plainly."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.motion import critic_over_generator, swing
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

BLIND, POOR, STEADY, SLOWER, MUTED, LATEST = 0.55, 0.1, 0.15, 0.15, 0.03, 3
ADVICE = "give the critic more width or a higher rate, or let it move more often"


def look(record: Record) -> Sign | None:
    """The share of pairs in which the real image has the higher logit, while few samples look like real images."""
    slower = critic_over_generator(record)
    if slower < SLOWER:
        evidence = {"movement_over_the_generators": slower, "caught": record.last("probe.caught", LATEST)}
        return Sign("act", sureness(slower, SLOWER, 0.0), evidence, ADVICE, "--critic-steps 2")
    caught, precision = record.last("probe.caught", LATEST), record.last("score.precision")
    spread = record.last("probe.logit_deviation", LATEST)
    if spread < MUTED and not record.choices.get("penalty") and record.choices:
        return Sign("act", sureness(spread, MUTED, 0.0), {"logit_deviation": spread}, ADVICE, "--critic-steps 2")
    if caught >= BLIND or precision >= POOR or swing(record) >= STEADY:
        return None
    evidence = {"caught": caught, "precision": precision}
    return Sign("act", sureness(caught, BLIND, 0.5), evidence, ADVICE, "--critic-steps 2")


critic_too_weak = Symptom(
    look,
    reads=("probe.caught", "score.precision", "probe.sketch.critic"),
    explains=(
        "gamma-too-high",
        "exploding-gradient",
        "oscillation",
        "mode-collapse",
        "partial-collapse",
        "divergence",
        "ema-lag",
        "dropped-classes",
        "artefacts",
        "colour-drift",
        "plateau",
    ),
    lasts=0.1,
    fatal=True,
)
