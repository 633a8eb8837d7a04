"""What experiments found, kept in the lab's folder: one JSON file each, so that a long one joins the others."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gansmith.core.files import read_json, write_json
from gansmith.lab.experiment import Outcome
from gansmith.lab.rows import Row, numbers


@dataclass(frozen=True)
class Kept:
    """One experiment's outcome, as it lies in the folder."""

    rows: list[Row]
    figures: list[str]
    seconds: float
    seed: int


def keep(out: Path, name: str, outcome: Outcome, seconds: float, seed: int) -> Kept:
    """Write one outcome whole, over an earlier one of that name.

    Raises: WorkError: the disk is full or not writable.
    """
    kept = Kept([numbers(row) for row in outcome.rows], list(outcome.figures), round(seconds, 1), seed)
    write_json(_path(out, name), {**asdict(kept), "rows": [to_json(row) for row in kept.rows]})
    return kept


def find(out: Path, name: str) -> Kept | None:
    """What was kept of an experiment; None where there is nothing that can be read."""
    try:
        told = read_json(_path(out, name))
        return Kept([_row(row) for row in told["rows"]], told["figures"], told["seconds"], told["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def to_json(row: Row) -> dict[str, Any]:
    """A row as JSON says it: what is not finite is null."""
    return {key: _finite(value) for key, value in asdict(row).items()}


def _row(told: dict[str, Any]) -> Row:
    theory, measured, error = (math.nan if told[key] is None else told[key] for key in ("theory", "measured", "error"))
    return Row(told["name"], theory, measured, error, told["holds"])


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _path(out: Path, name: str) -> Path:
    return out / "results" / f"{name.replace(':', '-')}.json"
