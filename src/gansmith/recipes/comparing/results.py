"""The numbers of a comparison: every run, every method's mean, every difference, and what they are worth."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from gansmith.metrics.interval import Estimate
from gansmith.recipes.comparing import intervals
from gansmith.recipes.comparing.reading import protocol
from gansmith.report.compared import Row
from gansmith.report.facts import RunFacts

METRICS = ("fd", "kid", "precision", "recall")
KEPT = ("value", "low", "high")
REACH = {"fd": (0.0, float("inf")), "precision": (0.0, 1.0), "recall": (0.0, 1.0)}  # what a metric can be

Cell = dict[str, Any]


def results(rows: Sequence[Row]) -> dict[str, Any]:
    """``runs``, ``metrics`` (by metric, then by method) and ``differences`` from the first method that has a score."""
    scored = [row for row in rows if row.runs]
    against = scored[0].name if scored else None
    metrics = {key: {row.name: cell for row in scored if (cell := of_method(row, key)) is not None} for key in METRICS}
    differences = [
        found for key in METRICS for row in scored[1:] if (found := difference(row, scored[0], key)) is not None
    ]
    return {
        "runs": [_run(row.name, run) for row in rows for run in row.every],
        "metrics": metrics,
        "differences": differences,
        "leads": (scored[0].runs[0].final or {}).get("leads") if scored else None,
        "against": against,
        "floor": _floors(scored),
        "protocol": protocol(scored[0].runs[0]) if scored else {},
    }


def value_of(run: RunFacts, key: str) -> float | None:
    """One metric of a run's final score."""
    value = _metric(run, key).get("value")
    return value if isinstance(value, (int, float)) else None


def of_method(row: Row, key: str) -> Cell | None:
    """The mean over seeds with Student's interval; of a single run its own value and interval."""
    values = [value for run in row.runs if (value := value_of(run, key)) is not None]
    if not values:
        return None
    if len(values) > 1:
        return _within_reach(key, intervals.of_mean(values)) | {"runs": len(values), "interval": "seeds"}
    own = _metric(row.runs[0], key)
    about = "score" if own.get("high") is not None else None
    return {"value": values[0], "low": own.get("low"), "high": own.get("high"), "runs": 1, "interval": about}


def _within_reach(key: str, estimate: Estimate) -> dict[str, float]:
    lowest, highest = REACH.get(key, (float("-inf"), float("inf")))
    low, high = max(estimate.low, lowest), min(estimate.high, highest)
    return {"value": estimate.value, "low": low, "high": high}


def difference(row: Row, first: Row, key: str) -> Cell | None:
    """A method minus the first one: paired by seed where both have the same seeds, two or more."""
    ours, theirs = _by_seed(row, key), _by_seed(first, key)
    if not ours or not theirs:
        return None
    found: Estimate | None = None
    if len(ours) > 1 and ours.keys() == theirs.keys():
        found, how = intervals.of_paired(ours, theirs), "paired by seed"
    elif min(len(ours), len(theirs)) > 1:
        found, how = intervals.of_groups(list(ours.values()), list(theirs.values())), "unpaired"
    elif max(len(ours), len(theirs)) == 1:
        found, how = _of_single_runs(row.runs[0], first.runs[0], key), "single runs"
    else:
        how = "one run has no spread over seeds"
    plain = fmean(ours.values()) - fmean(theirs.values())
    about = found.as_dict() if found else {"value": plain, "low": None, "high": None}
    return {"method": row.name, "against": first.name, "metric": key, **about, "how": how}


def _of_single_runs(ours: RunFacts, theirs: RunFacts, key: str) -> Estimate | None:
    """From the runs' own intervals, where the metric has them."""
    one, other = _metric(ours, key), _metric(theirs, key)
    if one.get("high") is None or other.get("high") is None:
        return None
    return intervals.of_two_scores(*(intervals.of_score(each["value"], each["high"]) for each in (one, other)))


def _by_seed(row: Row, key: str) -> dict[int, float]:
    return {run.choice("seed"): value for run in row.runs if (value := value_of(run, key)) is not None}


def _metric(run: RunFacts, key: str) -> dict[str, Any]:
    return ((run.final or {}).get("metrics") or {}).get(key) or {}


def _run(method: str, run: RunFacts) -> dict[str, Any]:
    rate = run.choice("rate")
    said = {
        "run": str(run.path),
        "method": method,
        "seed": run.choice("seed"),
        "images": run.images_seen,
        "seconds": round(run.seconds, 1),
        "rate": rate[0] if isinstance(rate, list) else rate,
    }
    if run.final is None:
        return said | {"metrics": {}, "ended": "became NaN or infinite"}
    own = {key: {name: _metric(run, key)[name] for name in KEPT if name in _metric(run, key)} for key in METRICS}
    return said | {"metrics": {key: metric for key, metric in own.items() if metric}}


def _floors(rows: Sequence[Row]) -> dict[str, float]:
    """What as many real pictures get, the mean over all runs."""
    found: dict[str, list[float]] = {}
    for row in rows:
        for run in row.runs:
            for key, metric in ((run.final or {}).get("floor") or {}).items():
                found.setdefault(key, []).append(metric["value"])
    return {key: fmean(values) for key, values in found.items()}
