"""Nothing, or next to nothing, keeps the critic smooth, and it grows steep."""

from gansmith.core.schedule import Cosine
from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

STEEP, FELT, LATEST = 2.5, 0.02, 3


def look(record: Record) -> Sign | None:
    """How steep the critic is over the distance of two images, where its penalty hardly counts beside its loss.

    The slope is the length of the logit's gradient in the image; the penalty's part is gamma / 2 times its square.

    Source: without such a term the game does not converge (Mescheder et al. 2018, arXiv:1801.04406, figure 1).
    """
    slope = record.last("probe.train_slope", LATEST)
    steep, gamma = slope * record.last("real.variety"), gamma_now(record)
    if record.choices.get("constraint") or steep < STEEP * (1 if gamma_now(record) else 0.5):
        return None
    felt = gamma / 2 * slope**2
    if felt >= FELT:
        return None
    evidence = {"slope_over_an_image": steep, "gamma": gamma, "penalty_over_loss": felt}
    advice = "raise the penalty's weight tenfold" if gamma else "give the critic a gradient penalty"
    flag = "--gamma" if gamma else "--penalty r1-r2"
    return Sign("act", sureness(steep, STEEP / 2, 4 * STEEP), evidence, advice, flag)


def gamma_now(record: Record) -> float:
    """The penalty's weight at this moment; 0 without one."""
    gamma = record.choices.get("gamma")
    if not record.choices.get("penalty") or not gamma:
        return 0.0
    return Cosine(*gamma)(record.progress)


gamma_too_low = Symptom(
    look,
    reads=("probe.train_slope", "real.variety"),
    explains=(
        "critic-overfit",
        "vanishing-gradient",
        "exploding-gradient",
        "oscillation",
        "mode-collapse",
        "partial-collapse",
        "divergence",
        "nan",
        "dropped-classes",
        "colour-drift",
        "ema-lag",
        "plateau",
    ),
    lasts=0.1,
    cure=Cure("gamma", 10.0),
)
