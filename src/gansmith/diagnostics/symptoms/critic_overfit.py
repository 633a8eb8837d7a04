"""The critic knows the training images by heart and rejects new real ones."""

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

SUNK, LATEST = 0.35, 4


def look(record: Record) -> Sign | None:
    """How far its logit sinks from training to held-out images, on the way to the drawn ones.

    Source: the heuristic r_v of Karras et al. 2020, arXiv:2006.06676, section 3.1, on the choose split.
    """
    train, held, fake = (record.values(f"probe.{name}_logit")[-LATEST:] for name in ("train", "held", "fake"))
    whole = float(np.mean(train - fake))
    sunk = float(np.mean(train - held)) / max(whole, 1e-9)
    if whole <= 0 or sunk < SUNK:
        return None
    evidence = {"sunk": sunk, "caught": record.last("probe.caught"), "held_caught": record.last("probe.held_caught")}
    advice = "show the critic altered images, so that it cannot learn them by heart"
    return Sign("act", sureness(sunk, SUNK, 2 * SUNK), evidence, advice, "--augment ada")


critic_overfit = Symptom(
    look,
    reads=("probe.train_logit", "probe.held_logit", "probe.fake_logit"),
    explains=(
        "vanishing-gradient",
        "copying",
        "divergence",
        "plateau",
        "dropped-classes",
    ),
    lasts=0.15,
    cure=Cure("augment", 0.3),
)
