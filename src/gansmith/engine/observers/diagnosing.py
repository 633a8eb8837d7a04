"""The doctor in the loop: looks at the rows as they are written, and says what it finds."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gansmith.core.files import append_jsonl
from gansmith.core.turns import Observer, Step
from gansmith.diagnostics.examine import Diagnosis, Examiner
from gansmith.diagnostics.finding import Finding
from gansmith.diagnostics.record import Record

READ = ("probe", "score")


class Diagnosing(Observer):
    """Examines the run after each probe and each score, and writes what begins and what ends to diagnosis.jsonl.

    It changes nothing of the run.

    Args:
        record: of the run before its first row.
        path: of diagnosis.jsonl.
        tell: called with each finding that begins.
    Check: a run that is killed and resumed writes what an unbroken one writes.
    """

    def __init__(self, record: Record, path: Path, tell: Callable[[Finding], None]):
        self.record, self.path, self.tell = record, path, tell
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.examiner, self.diagnosis = Examiner(), Diagnosis()
        self.looked_at, self.forgotten = -1, -1
        self._told: set[str] = set()
        self._new = False

    def hear(self, row: dict[str, Any]) -> None:
        """One row of metrics.jsonl."""
        self.rows.setdefault(row["kind"], []).append(row)
        self._new = self._new or row["kind"] in READ

    def take_up(self, rows: Iterable[dict[str, Any]]) -> None:
        """The rows that were written before this process began."""
        for row in rows:
            self.hear(row)
        self._new = False

    def forget(self, images: int) -> None:
        """What was written up to these images is no longer looked at: things have been changed."""
        self.forgotten = images
        self.examiner.since, self.examiner.looks = {}, {}

    def state(self) -> dict[str, Any]:
        """Where the file ends, and since when each symptom has been seen."""
        size = self.path.stat().st_size if self.path.exists() else 0
        return {"bytes": size, "told": sorted(self._told), "forgotten": self.forgotten} | self.examiner.state()

    def load_state(self, state: dict[str, Any]) -> None:
        """Cut off what a killed process wrote after its last checkpoint."""
        if self.path.exists() and self.path.stat().st_size > state["bytes"]:
            os.truncate(self.path, state["bytes"])
        self.examiner.load_state(state)
        self._told, self.forgotten = set(state["told"]), state["forgotten"]

    def after_step(self, trainer: Any, step: Step) -> None:
        if self._new:
            self._new = False
            self.look(trainer.images_seen)

    def look(self, images: int) -> None:
        """Examine what is written so far."""
        self.looked_at = images
        record = replace(self.record, rows=self.rows, _kept={}).after(self.forgotten)
        self.diagnosis = self.examiner(record)
        found = {finding.symptom: finding for finding in self.diagnosis.findings}
        for name in sorted(self._told - found.keys()):
            append_jsonl(self.path, {"symptom": name, "images": images, "gone": True})
        for name, finding in found.items():
            if name not in self._told:
                append_jsonl(self.path, finding.row())
                self.tell(finding)
        self._told = set(found)
