"""Different latents give the same few images, while others are never drawn."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

CROWDED = 0.5


def look(record: Record) -> Sign | None:
    """The nearest other sample lies much nearer than a real image's nearest other does, among as many.

    Source: the birthday test of Arora and Zhang 2017, arXiv:1706.08224, by distances in place of the eye.
    """
    crowding = record.last("score.crowding", 2)
    if crowding >= CROWDED:
        return None
    evidence = {"nearest_other_over_real": crowding, "recall": record.last("score.recall")}
    evidence["variety_over_real"] = record.last("score.variety")
    advice = "let the critic compare several images at once, and lower the generator's rate"
    return Sign("act", sureness(crowding, CROWDED, CROWDED / 3), evidence, advice, "--group 4")


partial_collapse = Symptom(
    look,
    reads=("score.crowding",),
    explains=(
        "divergence",
        "ema-lag",
        "dropped-classes",
        "plateau",
    ),
    lasts=0.1,
    cure=Cure("rate", 0.5, back=True),
)
