"""Colour channels lie in another order than the real images'."""

from itertools import permutations

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom

CLOSER, APART = 3.0, 0.08


def look(record: Record) -> Sign | None:
    """Another order brings means and deviations of the channels much closer to the real ones' than their own."""
    if record.facts.get("channels") != 3:
        return None
    real, drawn = (_statistics(record, kind) for kind in ("real", "probe.drawn"))
    orders = {order: _apart(drawn[:, list(order)], real) for order in permutations(range(3))}
    own, best = orders[(0, 1, 2)], min(orders, key=lambda order: orders[order])
    if own < APART or own < CLOSER * orders[best]:
        return None
    evidence = {"apart_as_they_are": own, "apart_in_that_order": orders[best]}
    evidence |= {"order": "".join("RGB"[channel] for channel in best)}
    ratio = own / max(orders[best], 1e-9)
    advice = "read both sides in one order of channels (OpenCV gives BGR, most others RGB)"
    return Sign("act", sureness(ratio, CLOSER, 3 * CLOSER), evidence, advice)


def _statistics(record: Record, kind: str) -> np.ndarray:
    """(2, 3): means and deviations, the newest."""
    return np.stack([record.values(f"{kind}.{name}")[-1] for name in ("mean", "deviation")])


def _apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.abs(ours - theirs).mean())


channel_order = Symptom(
    look,
    reads=("real.mean", "probe.drawn.mean"),
    explains=(
        "colour-drift",
        "dropped-classes",
        "plateau",
    ),
    lasts=0.2,
    fatal=True,
)
