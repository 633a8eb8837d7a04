"""What people said of runs, where they were asked: for cards, run pages and comparisons."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gansmith.judge.found import studies_between, studies_of


def people(run: Path) -> dict[str, Any] | None:
    """``summary`` and ``studies`` of a run with the weights it still has; None where nobody has judged it.

    The card keeps it under ``people``. Check: the summary is that of the newest study with votes that count.
    """
    studies = [told for told in studies_of(run) if told["current"] and told["score"]]
    return {"summary": studies[-1]["summary"], "studies": studies} if studies else None


def said_between(runs: Sequence[Path]) -> list[str]:
    """A sentence for each study in which two or more of the runs took part, the oldest first."""
    return [f"{told['title']}: {told['summary']}" for told in studies_between(runs)]
