"""What the doctor says of the cases of the failure bench, against what was broken in each."""

import json
import statistics
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from doctor_faults import FAULTS
from doctor_grounds import GROUNDS
from gansmith.diagnostics.examine import Diagnosis, history
from gansmith.diagnostics.record import Record

TWIN = "healthy:default"


@dataclass(frozen=True)
class Reading:
    """One case as the doctor saw it.

    Attributes:
        result: what the case kept.
        diagnoses: (images, what stood then), one for every probe and score.
    """

    result: dict[str, Any]
    diagnoses: list[tuple[int, Diagnosis]]

    @classmethod
    def of(cls, path: Path) -> "Reading":
        """Read a case's file, and let the doctor look at it as it grew."""
        result = json.loads(path.read_text())
        rows = result["rows"]
        if result["ended"]:
            last = max(row["images"] for kind in ("train", "probe") for row in rows[kind])
            rows["stop"] = [{"images": last + 1, "where": result["ended"]}]
        record = Record(result["choices"], result["facts"], result["budget"], rows)
        return cls(result, list(history(record)))

    @cached_property
    def parts(self) -> tuple[str, str, int, int]:
        """Ground, kind, strength, seed."""
        ground, rest = self.result["case"].split("-", 1)
        kind, strength, seed = rest.rsplit("-", 2)
        return ground, kind, int(strength), int(seed)

    @property
    def top(self) -> str:
        """The first finding at the end; "" without one."""
        found = self.diagnoses[-1][1].findings if self.diagnoses else []
        return found[0].symptom if found else ""

    @property
    def alarms(self) -> list[str]:
        """Every finding that should be acted on, at any time."""
        kinds = {
            each.symptom for _, diagnosis in self.diagnoses for each in diagnosis.findings if each.severity == "act"
        }
        return sorted(kinds)

    def named_at(self, right: tuple[str, ...]) -> float | None:
        """The share of the budget at which one of these first stood on top."""
        for images, diagnosis in self.diagnoses:
            if diagnosis.findings and diagnosis.findings[0].symptom in right:
                return images / self.result["budget"]
        return None

    def last(self, name: str) -> float:
        """Of the scores."""
        scores = self.result["rows"]["score"]
        return scores[-1][name] if scores else float("inf")


def harmed(reading: Reading, twins: list[Reading]) -> bool:
    """Whether it is worse than each of its healthy twins, in the way that its fault declares."""
    ground, kind, _, _ = reading.parts
    harm = FAULTS[kind].harm
    if reading.result["ended"] or not twins:
        return bool(reading.result["ended"])
    if harm == "copies":
        return reading.last("neighbour_ratio") < min(twin.last("neighbour_ratio") for twin in twins)
    if harm == "labels":
        return _harm(reading, "label_accuracy") < min(_harm(twin, "label_accuracy") for twin in twins)
    if harm == "speed":
        return _waited(reading) > max(_waited(twin) for twin in twins)
    if harm == "late":
        return _after_best(reading) > max(_after_best(twin) for twin in twins)
    if GROUNDS[ground].plane:
        names = ("modes", "within")
        return any(_harm(reading, name) < min(_harm(twin, name) for twin in twins) for name in names)
    return reading.last("fd") > max(twin.last("fd") for twin in twins)


def _harm(reading: Reading, name: str) -> float:
    return reading.result["harm"].get(name, 0.0)


def _waited(reading: Reading) -> float:
    """The slow-down by waiting in the second half."""
    rows = reading.result["rows"]["train"]
    return statistics.mean(row["wait_share"] for row in rows[len(rows) // 2 :])


def _after_best(reading: Reading) -> float:
    best = [row["images"] for row in reading.result["rows"]["score"] if row["best"]]
    return 1 - (best[-1] if best else 0) / reading.result["budget"]


def twins_of(reading: Reading, readings: list[Reading]) -> list[Reading]:
    """The healthy ones on the same ground, with labels where it has some."""
    ground, kind, _, _ = reading.parts
    twin = "healthy:labelled" if FAULTS[kind].labels else TWIN
    return [each for each in readings if each.parts[:2] == (ground, twin)]


def table(readings: list[Reading], chosen: list[str]) -> str:
    """How many failures are named, by fault and by ground; how many healthy runs are accused."""
    wanted = [reading for reading in readings if reading.result["case"] in chosen]
    broken = [reading for reading in wanted if reading.parts[1] in FAULTS]
    counted = [reading for reading in broken if harmed(reading, twins_of(reading, readings))]
    healthy = [reading for reading in wanted if reading.parts[1] not in FAULTS]
    right = [reading for reading in counted if reading.top in FAULTS[reading.parts[1]].right]
    accused = [reading for reading in healthy if reading.alarms]
    lines = [f"broken {len(broken)}, worse than every twin {len(counted)}", share("named rightly", right, counted)]
    unseen = [reading for reading in counted if GROUNDS[reading.parts[0]].unseen]
    lines.append(share("on the unseen grounds", [reading for reading in right if reading in unseen], unseen))
    lines.append(share("healthy ones accused", accused, healthy))
    late = [
        when - FAULTS[reading.parts[1]].onset
        for reading in right
        if (when := reading.named_at(FAULTS[reading.parts[1]].right)) is not None
    ]
    if late:
        lines.append(f"named after the fault sets in, median share of the budget: {statistics.median(late):.2f}")
    lines += ["", "| fault | named / counted / broken | said instead |", "|---|---|---|"]
    for name, fault in FAULTS.items():
        mine = [reading for reading in counted if reading.parts[1] == name]
        good = [reading for reading in mine if reading.top in fault.right]
        said = Counter(reading.top or "nothing" for reading in mine if reading not in good)
        whole = sum(reading.parts[1] == name for reading in broken)
        others = ", ".join(f"{what} {count}" for what, count in said.most_common())
        lines.append(f"| {name} | {len(good)} / {len(mine)} / {whole} | {others} |")
    lines += ["", *(f"{reading.result['case']}: {', '.join(reading.alarms)}" for reading in accused)]
    return "\n".join(lines)


def share(what: str, some: list[Reading], of: list[Reading]) -> str:
    """A share with the interval of Clopper and Pearson."""
    if not of:
        return f"{what}: none"
    low, high = binomtest(len(some), len(of)).proportion_ci(method="exact")
    return f"{what}: {len(some)} of {len(of)}, {len(some) / len(of):.1%} ({low:.1%} to {high:.1%})"
