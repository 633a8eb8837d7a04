"""What is known of a training: choices, facts, and the rows that it wrote. Symptoms read nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Record:
    """A run so far, live or from its folder; or the samples of a generator that was trained elsewhere.

    Attributes:
        choices: name -> value, as in config.json; empty for samples alone.
        facts: ``train_images``, ``classes``, ``channels`` and what else is known of the data.
        budget: images of the whole run; 0 for samples alone.
        rows: kind -> rows in the order in which they were written: ``train``, ``probe``, ``real``, ``score``.
    """

    choices: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    budget: int = 0
    rows: Rows = field(default_factory=dict)
    _kept: dict[str, np.ndarray] = field(default_factory=dict, compare=False, repr=False)

    def has(self, signal: str) -> bool:
        """Whether a signal such as "probe.caught" or "probe.drawn.variety" was ever written."""
        return len(self.series(signal)) > 0

    def series(self, signal: str) -> np.ndarray:
        """(k, 2) images and value of each row that has the signal; lists give (k, 1 + length)."""
        if signal not in self._kept:
            kind, *path = signal.split(".")
            found = [(row.get("images", 0), _at(row, path)) for row in self.rows.get(kind, ())]
            kept = [np.append(images, value) for images, value in found if value is not None]
            self._kept[signal] = np.array(kept, dtype=float) if kept else np.empty((0, 2))
        return self._kept[signal]

    def values(self, signal: str) -> np.ndarray:
        """(k,) or (k, length) the values alone, oldest first."""
        values = self.series(signal)[:, 1:]
        return values[:, 0] if values.shape[1] == 1 else values

    def last(self, signal: str, count: int = 1) -> float:
        """The median of the newest values of a signal of one number; NaN where there is none."""
        values = self.values(signal)[-count:]
        return float(np.median(values)) if len(values) else float("nan")

    @property
    def images(self) -> int:
        """Seen so far."""
        return max((int(rows[-1].get("images", 0)) for rows in self.rows.values() if rows), default=0)

    @property
    def progress(self) -> float:
        """The share of the budget that has been seen; 1 for samples alone."""
        return self.images / self.budget if self.budget else 1.0

    def after(self, images: int) -> "Record":
        """Without what was written up to these images, but for the real images' own row."""
        rows = {
            kind: [row for row in some if kind == "real" or row.get("images", 0) > images]
            for kind, some in self.rows.items()
        }
        return replace(self, rows=rows, _kept={})

    def until(self, images: int) -> "Record":
        """As it stood when so many images had been seen."""
        rows = {kind: [row for row in some if row.get("images", 0) <= images] for kind, some in self.rows.items()}
        return replace(self, rows=rows, _kept={})


def _at(row: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
