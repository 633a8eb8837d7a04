"""Drawn images are brighter, darker, flatter or of another colour than real ones."""

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom, of_pictures

SHIFTED, FLATTER, STRONGER = 0.3, 0.7, 1.4


def look(record: Record) -> Sign | None:
    """Mean and deviation of a channel over all pixels, of the average's images and of the generator's own.

    Against those of real images, in their deviations; the smaller difference of the two counts, or a slow average
    would be taken for a drift.
    """
    seen = [_apart(record, kind) for kind in ("probe.drawn", "probe.raw") if record.has(f"{kind}.mean")]
    shift, (contrast, *_) = min(each[0] for each in seen), sorted((each[1] for each in seen), key=lambda c: abs(c - 1))
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


def _apart(record: Record, kind: str) -> tuple[float, float]:
    """The largest shift of a channel's mean, and the contrast over the real one."""
    real, drawn = (
        {name: np.atleast_1d(record.values(f"{each}.{name}")[-1]) for name in ("mean", "deviation")}
        for each in ("real", kind)
    )
    scale = np.maximum(real["deviation"], 1e-9)
    return float(np.abs(drawn["mean"] - real["mean"]).max() / scale.mean()), float((drawn["deviation"] / scale).mean())


colour_drift = Symptom(look, reads=("real.mean", "probe.drawn.mean"), lasts=0.25, applies=of_pictures)
