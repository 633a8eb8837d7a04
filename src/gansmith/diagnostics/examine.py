"""The examination: every symptom looks at a record, and causes are told before their effects."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gansmith.diagnostics.finding import SEVERITIES, Finding, Sign
from gansmith.diagnostics.record import Record
from gansmith.diagnostics.symptom import Symptom
from gansmith.diagnostics.symptoms import SYMPTOMS

FEWEST_LOOKS = 3


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    Attributes:
        findings: the first is what to act on first.
        unjudged: symptom -> the signals that it lacks.
    """

    findings: list[Finding] = field(default_factory=list)
    unjudged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """False exactly when a finding has severity "act"."""
        return all(finding.severity != "act" for finding in self.findings)


class Examiner:
    """Looks at a record again and again while it grows.

    A symptom is told once it has been seen without a break for the share of the budget that it asks for, at three looks
    at least where it asks for any, and no longer than it is seen.

    Check: the state after a resume tells what an unbroken run tells.
    """

    def __init__(self) -> None:
        self.since: dict[str, int] = {}
        self.looks: dict[str, int] = {}
        self.symptoms: dict[str, Symptom] = {name: SYMPTOMS.get(name) for name in SYMPTOMS.names}

    def state(self) -> dict[str, Any]:
        """Since when each symptom has been seen, in images, and how often."""
        return {"since": dict(self.since), "looks": dict(self.looks)}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take it up."""
        self.since, self.looks = dict(state["since"]), dict(state["looks"])

    def __call__(self, record: Record) -> Diagnosis:
        """Look once more."""
        unjudged: dict[str, tuple[str, ...]] = {}
        seen: dict[str, Sign] = {}
        for name, symptom in self.symptoms.items():
            if not symptom.applies(record):
                continue
            if lacking := tuple(signal for signal in symptom.reads if not record.has(signal)):
                unjudged[name] = lacking
            elif (sign := symptom.look(record)) is not None:
                seen[name] = sign
        self.since = {name: self.since.get(name, record.images) for name in seen}
        self.looks = {name: self.looks.get(name, 0) + 1 for name in seen}
        told = {
            name: Finding(**vars(sign), symptom=name, images=self.since[name])
            for name, sign in seen.items()
            if not record.budget or self._lasting(name, record)
        }
        return Diagnosis(self._causes_first(told.values()), unjudged)

    def _lasting(self, name: str, record: Record) -> bool:
        lasts = self.symptoms[name].lasts
        long = record.images - self.since[name] >= lasts * record.budget
        return long and (self.looks[name] >= FEWEST_LOOKS or not lasts)

    def _causes_first(self, found: Iterable[Finding]) -> list[Finding]:
        by_name = {finding.symptom: finding for finding in found}
        for name, finding in by_name.items():
            causes = [cause for cause in by_name if name in self.symptoms[cause].explains]
            stronger = [cause for cause in causes if _rank(by_name[cause]) <= _rank(finding)]
            if stronger:
                by_name[name] = replace(finding, because_of=max(stronger, key=lambda each: by_name[each].confidence))
        return sorted(by_name.values(), key=lambda each: (_rank(each), bool(each.because_of), -each.confidence))


def history(record: Record) -> Iterator[tuple[int, Diagnosis]]:
    """A finished record as it was looked at with every row: images seen, and what stood then."""
    examiner = Examiner()
    kinds = ("probe", "score", "stop")
    moments = sorted({int(row.get("images", 0)) for kind in kinds for row in record.rows.get(kind, ())})
    for images in moments:
        yield images, examiner(record.until(images))
    if not moments:
        yield 0, examiner(record)


def examine(record: Record) -> Diagnosis:
    """What stands at the end of its history."""
    return deque(history(record), maxlen=1)[0][1]


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)
