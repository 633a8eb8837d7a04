"""How a player's weights move, read from their sketches."""

from dataclasses import dataclass

import numpy as np

from gansmith.diagnostics.record import Record


def players(record: Record) -> list[str]:
    """Whose weights are sketched."""
    return list((record.rows.get("probe") or [{}])[-1].get("sketch", {}))


@dataclass(frozen=True)
class Motion:
    """Movements between neighbouring probes.

    Attributes:
        stir: (k,) length of each movement over that of the weights, and over the square root of its steps: what a
            random walk moves in one step.
        turns: (k - 1,) cosine between each movement and the next: near 1 it goes on, near 0 it wanders, below it turns.
    """

    stir: np.ndarray
    turns: np.ndarray

    @classmethod
    def of(cls, record: Record, player: str) -> "Motion":
        """Read a record; empty arrays where there are too few probes."""
        rows = record.series(f"probe.sketch.{player}")
        if len(rows) < 3:
            return cls(np.empty(0), np.empty(0))
        images, sketches = rows[:, 0], rows[:, 1:]
        moved = np.diff(sketches, axis=0)
        lengths = np.linalg.norm(moved, axis=1)
        steps = np.diff(images) / max(float(record.choices.get("batch") or 1), 1.0)
        around = (np.linalg.norm(sketches[1:], axis=1) + np.linalg.norm(sketches[:-1], axis=1)) / 2
        stir = lengths / np.maximum(around, 1e-12) / np.sqrt(np.maximum(steps, 1.0))
        turns = (moved[1:] * moved[:-1]).sum(1) / np.maximum(lengths[1:] * lengths[:-1], 1e-24)
        return cls(stir, turns)

    def early(self, share: float = 0.25) -> float:
        """The median stir of the first part; NaN without one."""
        return float(np.median(self.stir[: max(2, round(share * len(self.stir)))])) if len(self.stir) else float("nan")


def critic_over_generator(record: Record) -> float:
    """How much the critic's weights stir over the generator's, early in the run; NaN where it cannot be told."""
    return Motion.of(record, "critic").early() / max(Motion.of(record, "generator").early(), 1e-12)


def swing(record: Record, latest: int = 8) -> float:
    """How far the mean colour of what the generator draws moves about, in deviations of real values; 0 if too young."""
    means = record.series("probe.raw.mean")[-latest:, 1:]
    if len(means) < latest:
        return 0.0
    return float(means.std(0).max()) / max(float(np.mean(record.series("real.deviation")[-1, 1:])), 1e-9)
