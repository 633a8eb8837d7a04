"""Every latent gives almost the same image."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

LITTLE = 0.3


def look(record: Record) -> Sign | None:
    """The distance between two drawn images over that between two real ones, coarsely seen."""
    drawn = max(record.last(f"probe.{which}.variety", 2) for which in ("drawn", "raw"))
    ratio = drawn / max(record.last("real.variety"), 1e-9)
    if ratio >= LITTLE:
        return None
    evidence = {"variety_over_real": ratio}
    if record.has("score.recall"):
        evidence["recall"] = record.last("score.recall")
    advice = "go back to before it fell; let the critic compare images, with a gradient penalty"
    return Sign("act", sureness(ratio, LITTLE, LITTLE / 3), evidence, advice, "--group 4 --penalty r1-r2")


mode_collapse = Symptom(
    look,
    reads=("real.variety", "probe.drawn.variety"),
    explains=(
        "partial-collapse",
        "divergence",
        "ema-lag",
        "dropped-classes",
        "artefacts",
        "colour-drift",
        "copying",
        "plateau",
    ),
    lasts=0.15,
    cure=Cure("rate", 0.5, back=True),
    fatal=True,
)
