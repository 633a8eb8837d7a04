"""What a comparison holds, for its page, its table and the command line."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gansmith.report.facts import RunFacts
from gansmith.report.sections.choices import value_words
from gansmith.report.words import DASH, METRIC_NAMES, MINUS, metric_name, metric_value, short, span

NAMED_IN_THE_TITLE = 3
COLOURS = 10


@dataclass(frozen=True)
class Row:
    """One method: its finished runs, one for each seed, and those that became NaN."""

    name: str
    runs: list[RunFacts]
    diverged: list[RunFacts] = field(default_factory=list)

    @property
    def every(self) -> list[RunFacts]:
        return [*self.runs, *self.diverged]


@dataclass(frozen=True)
class Comparison:
    """What a comparison found.

    Attributes:
        path: the comparison's folder.
        record: comparison.json: what was asked, the plan, the trials, the results.
        rows: the methods, in the order of the table.
        pictures: a grid of pictures for each method that has one.
    """

    path: Path
    record: dict[str, Any]
    rows: list[Row]
    pictures: dict[str, Path]

    @property
    def results(self) -> dict[str, Any]:
        return self.record["results"]

    @property
    def metrics(self) -> list[str]:
        """The metrics that were taken, the leading one first."""
        found = self.results
        return sorted((key for key in METRIC_NAMES if found["metrics"].get(key)), key=lambda key: key != found["leads"])

    @property
    def first(self) -> RunFacts:
        """Any run: what is equal for all is read from it."""
        return next(run for row in self.rows for run in row.every)

    @property
    def title(self) -> str:
        """Which methods, on which data."""
        names = [row.name for row in self.rows]
        said = listed(names) if len(names) <= NAMED_IN_THE_TITLE else f"{len(names)} methods"
        return f"{said} on {self.first.data_name}"

    def metric_name(self, key: str) -> str:
        """A metric with the network that sees for it."""
        return metric_name(key, self.results["protocol"].get("extractor"))

    def colour(self, name: str) -> str:
        """The class of a method's colour, the same all over the page."""
        return f"tone m{[row.name for row in self.rows].index(name) % COLOURS}"

    def difference(self, name: str) -> dict[str, Any] | None:
        """A method against the first one by the leading metric."""
        found = [each for each in self.results["differences"] if each["method"] == name]
        return next((each for each in found if each["metric"] == self.results["leads"]), None)

    def table(self) -> tuple[list[str], list[list[str]]]:
        """The methods as plain text, for a terminal or Markdown: the head, and a row each."""
        head = ["method", *map(self.metric_name, self.metrics)]
        head += [f"minus {self.results['against'] or 'the first'}", "runs", "images", "rate"]
        return head, [self._table_row(row) for row in self.rows]

    def _table_row(self, row: Row) -> list[str]:
        cells = [value_and_span(key, self.results["metrics"][key].get(row.name)) for key in self.metrics]
        difference = self.difference(row.name)
        beside = DASH if difference is None else value_and_span(difference["metric"], difference, signed)
        return [row.name, *cells, beside, runs_words(row), images_words(row), rate_words(row)]


def value_and_span(key: str, cell: dict[str, Any] | None, say: Any = metric_value) -> str:
    """A value with its interval behind it; a dash where there is none."""
    if cell is None:
        return DASH
    between = span(key, cell) if say is metric_value else signed_span(key, cell)
    return f"{say(key, cell['value'])} ({between})" if between else say(key, cell["value"])


def signed(key: str, value: float) -> str:
    """A difference with its sign. Check: 12.5 is +12.5."""
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{metric_value(key, abs(value))}"


def signed_span(key: str, cell: dict[str, Any]) -> str:
    """A difference's interval, low to high, or nothing."""
    return "" if cell["low"] is None else f"{signed(key, cell['low'])} to {signed(key, cell['high'])}"


def runs_words(row: Row) -> str:
    """How many runs a mean is over. Check: 2 of 3 where one became NaN."""
    return f"{len(row.runs)} of {len(row.every)}" if row.diverged else f"{len(row.runs)}"


def images_words(row: Row) -> str:
    """The images that each run of a method saw."""
    seen = sorted({run.images_seen for run in row.runs or row.every})
    return short(seen[0]) if len(seen) == 1 else f"{short(seen[0])} to {short(seen[-1])}"


def rate_words(row: Row) -> str:
    """The learning rate a method begins with, of all its runs."""
    rates = (run.choice("rate") for run in row.every)
    found = sorted({rate[0] if isinstance(rate, list) else rate for rate in rates if rate is not None})
    return " to ".join(dict.fromkeys(map(value_words, (found[0], found[-1])))) if found else DASH


def command_of(record: dict[str, Any]) -> str:
    """The command line that asks for this comparison."""
    asked = record["asked"]
    if asked.get("runs"):
        return shlex.join(["gansmith", "compare", *asked["runs"]])
    words = ["gansmith", "compare", "--data", asked["data"], "--presets", ",".join(asked["presets"])]
    for name in ("seeds", "minutes", "images", "network", "size", "resolution", "threads"):
        if asked.get(name) is not None:
            words += [f"--{name}", _number(asked[name])]
    if asked.get("rates"):
        words += ["--rates", ",".join(map(_number, asked["rates"]))]
    return shlex.join(words if asked.get("labels", True) else [*words, "--no-labels"])


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def shortened(name: str, most: int) -> str:
    """A name of at most so many letters, its middle left out. Check: shortened("abcdefg", 5) is "ab…fg"."""
    if len(name) <= most:
        return name
    return f"{name[: most // 2]}\N{HORIZONTAL ELLIPSIS}{name[len(name) - (most - 1) // 2 :]}"


def listed(names: Sequence[str]) -> str:
    """Check: a, b and c."""
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
