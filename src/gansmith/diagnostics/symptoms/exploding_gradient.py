"""Gradients grow without end."""

import numpy as np

from gansmith.diagnostics.finding import Sign, sureness
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Cure, Symptom

GROWN, LATEST = 30.0, 10


def look(record: Record) -> Sign | None:
    """The norm of a player's newest gradients over the median of the first quarter of the run."""
    grown = {}
    for player in ("generator", "critic"):
        series = record.series(f"train.{player}_gradient")
        first = series[series[:, 0] <= max(0.25 * record.budget, series[min(9, len(series) - 1), 0]), 1]
        grown[player] = float(np.median(series[-LATEST:, 1]) / max(float(np.median(first)), 1e-12))
    player = max(grown, key=lambda name: grown[name])
    if grown[player] < GROWN:
        return None
    advice = "give the critic a gradient penalty, and lower the rate"
    evidence = {"player": player, "grown": grown[player]}
    return Sign("act", sureness(grown[player], GROWN, 10 * GROWN), evidence, advice, "--penalty r1-r2")


exploding_gradient = Symptom(
    look,
    reads=("train.generator_gradient", "train.critic_gradient"),
    explains=(
        "nan",
        "divergence",
    ),
    lasts=0.05,
    cure=Cure("gamma", 10.0, back=True),
)
