"""What a diagnosis says: a symptom by name, the numbers that show it, and the one change to make first."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from gansmith.core.files import read_jsonl

Severity = Literal["act", "watch", "info"]
SEVERITIES: tuple[Severity, ...] = ("act", "watch", "info")


@dataclass(frozen=True)
class Sign:
    """What a symptom sees in a record.

    Attributes:
        severity: "act": change something now; "watch": it may become worse; "info": good to know.
        confidence: in [0, 1].
        evidence: named numbers, and words.
        advice: the one change to make first.
        flag: the option that makes it, or "".
    """

    severity: Severity
    confidence: float
    evidence: Mapping[str, Any]
    advice: str
    flag: str = ""


@dataclass(frozen=True)
class Finding(Sign):
    """A sign with its symptom's name.

    Attributes:
        symptom: its name in ``diagnostics/symptoms``.
        images: images seen when it was first found.
        because_of: the finding that it is an effect of, or "".
    """

    symptom: str = field(kw_only=True)
    images: int = field(kw_only=True, default=0)
    because_of: str = field(kw_only=True, default="")

    def row(self) -> dict[str, Any]:
        """As written to diagnosis.jsonl."""
        return asdict(self)


def sureness(value: float, line: float, certain: float) -> float:
    """From 0.5 where a value just crosses its line to 0.99 where it is as far as ``certain``, on a straight line.

    Check: 0.5 at the line, 0.99 at ``certain`` and beyond, whichever of the two is larger.
    """
    share = (value - line) / (certain - line) if value == value else 0.0
    return round(float(0.5 + 0.49 * min(max(share, 0.0), 1.0)), 2)


def standing(path: Path) -> list[dict[str, Any]]:
    """The findings of a diagnosis.jsonl that have not gone since, each symptom's last word; causes first."""
    last = {str(row["symptom"]): row for row in read_jsonl(path) if row.get("symptom")}
    return sorted((row for row in last.values() if not row.get("gone")), key=_pressing)


def _pressing(row: dict[str, Any]) -> tuple[int, bool, float]:
    rank = SEVERITIES.index(row["severity"]) if row.get("severity") in SEVERITIES else len(SEVERITIES)
    return rank, bool(row.get("because_of")), -float(row.get("confidence") or 0.0)


def in_words(finding: Finding) -> str:
    """One line: what, how sure, the numbers, and what to do."""
    numbers = ", ".join(f"{name.replace('_', ' ')} {_figure(value)}" for name, value in finding.evidence.items())
    said = f"{finding.symptom.replace('-', ' ')} ({finding.confidence:.0%} sure; {numbers}): {finding.advice}"
    return f"{said} ({finding.flag})" if finding.flag else said


def _figure(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
