"""What is drawn swings to and fro instead of settling."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.motion import swing
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

SWING = 0.3


def look(record: Record) -> Sign | None:
    """How far the mean colour of what the generator itself draws moves about, in deviations of real values.

    Source: without damping the game's vector field turns around its equilibrium (Mescheder et al. 2018,
    arXiv:1801.04406); data that come in order, kind after kind, drive it round as well.
    """
    width = swing(record)
    if width < SWING:
        return None
    evidence = {"swing_in_real_deviations": width, "caught": record.last("probe.caught", 3)}
    advice = "check that the images come shuffled; then a gradient penalty, and no momentum"
    return Sign("act", sureness(width, SWING, 3 * SWING), evidence, advice, "--penalty r1-r2")


oscillation = Symptom(
    look,
    reads=("probe.raw.mean", "real.deviation"),
    explains=(
        "mode-collapse",
        "partial-collapse",
        "divergence",
        "ema-lag",
        "colour-drift",
        "dropped-classes",
        "plateau",
    ),
    lasts=0.1,
    cure=Cure("rate", 0.5),
)
