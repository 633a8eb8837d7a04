"""Drawn images are brighter, darker, flatter or of another colour than real ones."""

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_pictures

SHIFTED, FLATTER, STRONGER = 0.3, 0.7, 1.4


def look(record: Record) -> Sign | None:
    """Mean and deviation of a channel, over all pixels of 64 images, against the real ones', in real deviations."""
    real, drawn = (
        {name: np.atleast_1d(record.values(f"{kind}.{name}")[-1]) for name in ("mean", "deviation")}
        for kind in ("real", "probe.drawn")
    )
    shift = float(np.abs(drawn["mean"] - real["mean"]).max() / max(float(real["deviation"].mean()), 1e-9))
    contrast = float((drawn["deviation"] / np.maximum(real["deviation"], 1e-9)).mean())
    if shift <= SHIFTED and FLATTER <= contrast <= STRONGER:
        return None
    evidence = {"shift_in_real_deviations": shift, "contrast_over_real": contrast}
    sure = max(
        sureness(shift, SHIFTED, 2 * SHIFTED),
        sureness(contrast, FLATTER, FLATTER / 2),
        sureness(contrast, STRONGER, 2.0),
    )
    advice = "let the critic see colours: less augmentation of brightness and colour, and the same on both sides"
    return Sign("act", sure, evidence, advice, "--augment 0")


colour_drift = Symptom(look, reads=("real.mean", "probe.drawn.mean"), lasts=0.25, applies=of_pictures)
