"""What can be concluded from a comparison, and what cannot, in words."""

from collections.abc import Sequence
from typing import Any

from gansmith.recipes.comparing.reading import budget
from gansmith.report.compared import Row, listed
from gansmith.report.words import metric_name, metric_value, plural, short

SAME_BUDGET = 1.01
MOST_IN_FIGURES = 4  # of more methods the names are enough; the table has the figures


def verdict(found: dict[str, Any]) -> str:
    """The differences of the metric that leads, and how far they carry."""
    key = found["leads"]
    if key is None:
        return "No run came to an end, so there is nothing to compare."
    name = metric_name(key, found["protocol"].get("extractor"))
    differences = [each for each in found["differences"] if each["metric"] == key]
    lost = _lost(found)
    if differences:
        return f"{_told_apart(differences, key, name, found['against'])} {lost}{_carries(differences)}"
    alone = f"{lost}What is left is" if lost else "There is"
    return f"{alone} one method, {found['against']}, so nothing is compared: {name} {_spread(found, key)}."


def _lost(found: dict[str, Any]) -> str:
    """The methods of which no run came to an end, in a sentence with a space behind it; else nothing."""
    ended = {run["method"] for run in found["runs"] if "ended" not in run}
    lost = dict.fromkeys(run["method"] for run in found["runs"] if run["method"] not in ended)
    return f"Every run of {listed(list(lost))} became NaN. " if lost else ""


def _spread(found: dict[str, Any], key: str) -> str:
    (cell,) = found["metrics"][key].values()
    if cell["low"] is None:
        return metric_value(key, cell["value"])
    return f"{metric_value(key, cell['value'])} ({metric_value(key, cell['low'])} to {metric_value(key, cell['high'])})"


def _told_apart(differences: Sequence[dict[str, Any]], key: str, name: str, against: str) -> str:
    parts = []
    for sign, word in ((-1, "better"), (1, "worse")):
        those = [each for each in differences if _side(each) == sign]
        if those:
            ordered = sorted(those, key=lambda each: abs(each["value"]))
            say = _by if len(differences) <= MOST_IN_FIGURES else _name
            parts.append(f"{word} than {against}: {', '.join(say(each, key) for each in ordered)}")
    level = [each["method"] for each in differences if _side(each) == 0]
    if level:
        parts.append(f"not to be told apart from {against}: {', '.join(level)}")
    open_ = [each["method"] for each in differences if _side(each) is None]
    if open_:
        parts.append(f"without an interval, so left open: {', '.join(open_)}")
    return f"By {name} (lower is better), {'; '.join(parts)}."


def _side(difference: dict[str, Any]) -> int | None:
    """-1 where the whole interval is below zero (better, for a distance), 1 above, 0 where it holds zero."""
    low, high = difference["low"], difference["high"]
    if low is None or high is None:
        return None
    return (low > 0) - (high < 0)


def _by(difference: dict[str, Any], key: str) -> str:
    low, high = sorted((abs(difference["low"]), abs(difference["high"])))
    value = metric_value(key, abs(difference["value"]))
    return f"{difference['method']} by {value} ({metric_value(key, low)} to {metric_value(key, high)})"


def _name(difference: dict[str, Any], key: str) -> str:
    return difference["method"]


def _carries(differences: Sequence[dict[str, Any]]) -> str:
    """How far these differences carry."""
    if any(each["how"] == "single runs" for each in differences):
        return (
            "These are single runs: the intervals hold the noise of scoring, not what another seed would change, "
            "so nothing follows yet about the methods. Three seeds or more would show it."
        )
    said = "The intervals are of 95 % over seeds"
    if (count := len(differences)) > 1:
        said += f", each by itself; that one of all {count} misses has a chance of up to {min(100, 5 * count)} %"
    return f"{said}. They speak of these data, this network and this budget, and of no others."


def notes(rows: Sequence[Row], record: dict[str, Any]) -> list[str]:
    """What a reader must know before quoting a number."""
    said = [_budgets(rows, record), _labels(rows), *_rates(rows, record), *_diverged(rows)]
    return [each for each in said if each]


def _budgets(rows: Sequence[Row], record: dict[str, Any]) -> str:
    seen = {row.name: [budget(run) for run in row.runs] for row in rows if row.runs}
    every = [images for counts in seen.values() for images in counts]
    if not every or max(every) <= SAME_BUDGET * min(every):
        return ""
    listed = ", ".join(f"{name} {short(min(counts))}" for name, counts in seen.items())
    if (record.get("plan") or {}).get("paces"):
        return f"Equal time is not equal images: at its own pace each method saw {listed} images."
    return f"The budgets differ: {listed} images. A longer run may be ahead for that alone."


def _labels(rows: Sequence[Row]) -> str:
    learned = {run.choice("labels") for row in rows for run in row.runs}
    return "Some runs learned the classes and some did not, which changes what is drawn." if len(learned) > 1 else ""


def _rates(rows: Sequence[Row], record: dict[str, Any]) -> list[str]:
    """Whether each method had a rate of its own, and whether the values tried were wide enough."""
    if not record.get("plan"):
        return []
    tried, chosen = sorted(record["asked"]["rates"]), record.get("rates") or {}
    if not tried:
        return ["No rates were tried: a method may be behind for its usual rate alone; --rates gives each its own."]
    scored = [row.name for row in rows if any(trial["fd"] is not None for trial in record["trials"][row.name])]
    edges = {
        "smallest": [name for name in scored if chosen.get(name) == tried[0]],
        "largest": [name for name in scored if chosen.get(name) == tried[-1]],
    }
    lost = [row.name for row in rows if row.name not in scored]
    said = [f"Every trial of {listed(lost)} became NaN: the smallest rate was taken, by no score."] if lost else []
    return said + [
        f"The {edge} rate tried was the best one for {', '.join(names)}: a better one may lie beyond it."
        for edge, names in edges.items()
        if names
    ]


def _diverged(rows: Sequence[Row]) -> list[str]:
    return [
        f"{row.name}: {len(row.diverged)} of {plural(len(row.every), 'run')} became NaN, "
        + ("and the mean is over the others, which flatters it." if row.runs else "so it has no score.")
        for row in rows
        if row.diverged
    ]
