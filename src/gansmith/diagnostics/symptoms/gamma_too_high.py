"""The gradient penalty is so strong that the critic hardly says anything."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.motion import critic_over_generator
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

MUTED, SLOWER, LATEST = 0.06, 0.15, 3  # a slower critic is muted by its rate


def look(record: Record) -> Sign | None:
    """The deviation of the critic's logits over drawn and real images: as good as none under a penalty.

    Source: with R1 the critic's slope at the optimum falls as 1 / gamma (Mescheder et al. 2018, arXiv:1801.04406).
    """
    gamma = record.choices.get("gamma") or [0.0]
    deviation = record.last("probe.logit_deviation", LATEST)
    if (
        not record.choices.get("penalty")
        or not gamma[0]
        or deviation >= MUTED
        or critic_over_generator(record) < SLOWER
    ):
        return None
    evidence = {"logit_deviation": deviation, "gamma": gamma[0], "slope": record.last("probe.train_slope", LATEST)}
    return Sign("act", sureness(deviation, MUTED, 0.0), evidence, "lower the penalty's weight tenfold", "--gamma")


gamma_too_high = Symptom(
    look,
    reads=("probe.logit_deviation", "probe.train_slope"),
    explains=(
        "mode-collapse",
        "ema-lag",
        "colour-drift",
        "dropped-classes",
        "plateau",
        "artefacts",
    ),
    lasts=0.1,
    cure=Cure("gamma", 0.1),
)
