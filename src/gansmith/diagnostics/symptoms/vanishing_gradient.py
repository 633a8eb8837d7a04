"""The critic is so sure that the generator hears nothing."""

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

SILENT, SURE, LATEST = 0.05, 0.97, 3


def look(record: Record) -> Sign | None:
    """The slope of the generator's loss in the critic's logit, where the critic tells nearly all pairs apart.

    Source: for the saturating loss it is D(G(z)) itself (Goodfellow et al. 2014, section 3; Arjovsky and Bottou 2017).
    """
    answer, caught = record.last("probe.answer", LATEST), record.last("probe.caught", LATEST)
    if answer >= SILENT or caught < SURE:
        return None
    evidence = {"answer": answer, "caught": caught}
    advice = "use a loss that does not saturate, and a gradient penalty"
    return Sign(
        "act", sureness(answer, SILENT, 0.0), evidence, advice, "--objective relativistic-pairing --penalty r1-r2"
    )


vanishing_gradient = Symptom(
    look,
    reads=("probe.answer", "probe.caught"),
    explains=(
        "mode-collapse",
        "colour-drift",
        "dropped-classes",
        "plateau",
        "divergence",
    ),
    lasts=0.1,
    cure=Cure("gamma", 10.0),
    fatal=True,
)
