"""The evaluation card: every metric that the evidence allows, each beside what as many real images get."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.metrics import METRICS, notice
from gansmith.metrics.evidence import SETS, Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Direction, Metric
from gansmith.metrics.notice import Difference
from gansmith.networks.extractors import DEFAULT

FORMAT = 1
KID_LEADS_UNDER = 5000
FEWEST_JUDGED = 30  # images on either side; with fewer, the ends of normal intervals are too near
SHARES = ("copies", "authenticity")  # Wilson's intervals hold with few images too
# How long each takes beside the others, so that the bar's time left is near the truth: in about two seconds of one core
# for 10,000 images beside 57,000 training images (benchmarks/card_speed.py).
EFFORT = {"copies": 34, "authenticity": 24, "usefulness": 20, "neighbour-ratio": 16, "kid": 7}
EFFORT |= {"precision-recall": 6, "density-coverage": 5, "fd-infinity": 5, "fd": 3, "vendi": 2}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One body of evidence, and what is read from it.

    Attributes:
        metrics: names in the registry.
        ours: with the generated images.
        floor: the same with real images in their place, among neither ``real`` nor ``training``; or None.
        context: what every line says of itself: extractor, checksum, resize, n, n_real, split, seed.
        floor_context: likewise of the floor's line: n, source.
    """

    metrics: Sequence[str]
    ours: Evidence
    floor: Evidence | None
    context: Mapping[str, Any]
    floor_context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One score of the card.

    Attributes:
        ours: of the generated images.
        floor: of real ones; None where there are none, or the score means nothing of them.
        better: whether lower or higher is better, or what is nearest to real images.
    """

    name: str
    ours: Estimate
    floor: Estimate | None
    better: Direction
    context: Mapping[str, Any]
    floor_context: Mapping[str, Any]

    @property
    def compared(self) -> bool:
        """Whether the floor is of as many images, or the score is one whose expectation their number leaves alone.

        Check: with fewer than 30 images on either side no score but a share is.
        """
        n, floor = self.context["n"], self.floor_context.get("n", 0)
        alike = n == floor or "n_training" in self.context
        return self.floor is not None and alike and enough(self.name, min(n, floor))


def in_group(group: str) -> list[str]:
    """The registered metrics that read ``features``, training images (``copying``), ``images`` only, or ``classes``."""
    return [name for name in METRICS.names if _group(METRICS.get(name)) == group]


def sees(metric: Metric) -> bool:
    """Whether it hangs on an extractor."""
    return bool(set(SETS) & set(metric.reads))


def _group(metric: Metric) -> str:
    if "real_labels" in metric.reads:
        return "classes"
    if any(name.startswith("training") for name in metric.reads):
        return "copying"
    return "features" if sees(metric) else "images"


def enough(name: str, n: int) -> bool:
    """Whether so many images suffice to judge a difference of a score."""
    return n >= FEWEST_JUDGED or name.partition("@")[0] in SHARES


def of_class(name: str) -> bool:
    """Whether a score is a class's own. Check: class-kid/cat is; fd@timm:hub/model is not."""
    return "/" in name.partition("@")[0]


def named(name: str, extractor: str | None) -> str:
    """A plain name is the default extractor's, or hangs on none. Check: fd of hed is fd@hed."""
    return name if extractor in (None, DEFAULT) else f"{name}@{extractor}"


def measure(cases: Sequence[Case], title: str, progress: Progress) -> tuple[list[Line], dict[str, str]]:
    """All lines, and for each metric that lacks something the reason, by name."""
    total = sum(_effort(name, case) for case in cases for name in case.metrics)
    lines: list[Line] = []
    lacking: dict[str, str] = {}
    done = 0
    progress.start(title, total)
    try:
        for case in cases:
            for name in case.metrics:
                progress.advance(done, name)
                try:
                    lines += _lines(METRICS.get(name), case)
                except InputError as error:
                    lacking[named(name, case.context["extractor"])] = str(error)
                done += _effort(name, case)
    finally:
        progress.finish()
    return lines, lacking


def noticed(lines: Sequence[Line]) -> dict[str, Difference]:
    """Every whole score minus its floor, where the two are compared: see ``metrics/notice.py``."""
    floors = {line.name: line.floor for line in lines if line.compared and line.floor}
    return notice.noticed({line.name: line.ours for line in lines}, floors)


def leading(names: Sequence[str], n: int, n_real: int, extractor: str) -> str | None:
    """The score to read first: FD, or with few images KID, which has no bias; None where there is neither.

    Check: KID with fewer than 5,000 images on either side.
    """
    order = ("kid", "fd") if min(n, n_real) < KID_LEADS_UNDER else ("fd", "kid")
    return next((name for key in order if (name := named(key, extractor)) in names), None)


def card(
    lines: Sequence[Line], lacking: Mapping[str, str], found: Mapping[str, Difference], **about: Any
) -> dict[str, Any]:
    """The card as one JSON object; docs/evaluate.md lists its keys."""
    return {
        "format": FORMAT,
        **about,
        "metrics": {line.name: _numbers(line.ours) | {"better": line.better} | dict(line.context) for line in lines},
        "floor": {line.name: _numbers(line.floor) | dict(line.floor_context) for line in lines if line.floor},
        "differences": {name: _numbers(each.estimate) | {"beyond": each.beyond} for name, each in found.items()},
        "unavailable": dict(lacking),
    }


def read_estimate(stored: Mapping[str, Any]) -> Estimate:
    """A stored score as it was. Check: what ``card`` wrote comes back."""
    return Estimate(*(float(stored[key]) for key in ("value", "error", "low", "high")))


def _numbers(estimate: Estimate) -> dict[str, float]:
    return estimate.as_dict() | {"error": estimate.error}


def _lines(metric: Metric, case: Case) -> Iterator[Line]:
    """Raises: InputError: when something is lacking."""
    if why := metric.lacks(case.ours):
        raise InputError(why)
    ours, floor = metric.compute(case.ours), _floor(metric, case.floor)
    for name, estimate in ours.items():
        yield Line(
            name=named(name, case.context["extractor"]),
            ours=estimate,
            floor=floor.get(name),
            better=metric.direction(name),
            context=case.context,
            floor_context=case.floor_context,
        )


def _floor(metric: Metric, evidence: Evidence | None) -> dict[str, Estimate]:
    if evidence is None or metric.lacks(evidence):
        return {}
    try:
        return metric.compute(evidence)
    except InputError:
        return {}


def _effort(name: str, case: Case) -> int:
    return EFFORT.get(name, 1) * (1 if case.floor is None else 2)
