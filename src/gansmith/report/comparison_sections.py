"""The parts of a comparison's page, each from the comparison to markup."""

from typing import Any

from gansmith.report.compared import (
    DASH,
    Comparison,
    Row,
    images_words,
    rate_words,
    runs_words,
    signed,
    signed_span,
)
from gansmith.report.comparison_charts import Dots, Trace, dot_plot, traces
from gansmith.report.facts import RunFacts
from gansmith.report.markup import section, table, text
from gansmith.report.pictures import data_uri
from gansmith.report.sections.choices import schedule_words, value_words
from gansmith.report.words import METRIC_MEANINGS, metric_value, number, span

ELSEWHERE = ("images", "seed", "rate")  # these stand in the table of scores


def scores(comparison: Comparison) -> str:
    """The table, and the leading metric as dots with intervals."""
    keys, floor = comparison.metrics, comparison.results["floor"]
    rows = [_score_row(comparison, row) for row in comparison.rows]
    if floor:
        beside = [text(metric_value(key, floor[key])) if key in floor else "" for key in keys]
        rows.append(["real against real", *beside, "", "", ""])
    meanings = "; ".join(f"{comparison.metric_name(key)}: {METRIC_MEANINGS[key]}" for key in keys)
    lead = f"Against the test split, which nothing was trained on or chosen by. {meanings}."
    head = ["method", *map(comparison.metric_name, keys), "runs", "images", "rate"]
    return section("scores", "Scores", lead, table(head, rows, "scores") + _plot(comparison))


def _score_row(comparison: Comparison, row: Row) -> list[str]:
    cells = [_cell(key, comparison.results["metrics"][key].get(row.name)) for key in comparison.metrics]
    beside = (runs_words(row), images_words(row), rate_words(row))
    return [_named(comparison, row.name), *cells, *map(text, beside)]


def _cell(key: str, cell: dict[str, Any] | None) -> str:
    if cell is None:
        return DASH
    between = span(key, cell)
    value = text(metric_value(key, cell["value"]))
    return f"<span>{value}<small>{text(between)}</small></span>" if between else value


def _named(comparison: Comparison, name: str) -> str:
    return f'<b class="{comparison.colour(name)}"><i></i>{text(name)}</b>'


def _plot(comparison: Comparison) -> str:
    key = comparison.results["leads"]
    if key is None:
        return ""
    found = comparison.results["metrics"][key]
    dots = [
        Dots(row.name, comparison.colour(row.name), cell["value"], cell["low"], cell["high"], _values(row, key))
        for row in comparison.rows
        if (cell := found.get(row.name))
    ]
    several = any(cell["interval"] == "seeds" for cell in found.values())
    note = "Means with intervals of 95 % over seeds; a small dot is one run." if several else "With intervals of 95 %."
    floor = comparison.results["floor"].get(key)
    return dot_plot(comparison.metric_name(key), f"{note} Further left is better.", dots, floor)


def _values(row: Row, key: str) -> list[float]:
    found = [(run.final or {}).get("metrics", {}).get(key, {}).get("value") for run in row.runs]
    return [value for value in found if isinstance(value, (int, float))]


def pictures(comparison: Comparison) -> str:
    """One grid a method."""
    shown = []
    for name, path in comparison.pictures.items():
        uri, width, height = data_uri(path)
        picture = f'<img src="{uri}" width="{width}" height="{height}" alt="pictures drawn by {text(name)}">'
        shown.append(f"<figure>{picture}<figcaption>{_named(comparison, name)}</figcaption></figure>")
    if not shown:
        return ""
    lengths = {str(run.choice("latent")) for row in comparison.rows for run in row.runs}
    which = "the same 36 latents" if len(lengths) == 1 else "36 latents of the same seed"
    lead = f"Each method's first seed draws {which}; none picked out."
    return section("pictures", "Pictures", lead, f'<div class="side-by-side">{"".join(shown)}</div>')


def curves(comparison: Comparison) -> str:
    """The score over images of all methods."""
    lines = [
        Trace(row.name, comparison.colour(row.name), [_points(run) for run in row.every]) for row in comparison.rows
    ]
    note = "On the choose split, lower is better. Where a method has several runs, the strong line is their mean."
    drawn = traces(comparison.metric_name("fd"), note, lines)
    return section("curves", "On the way", "Everything is counted in images seen.", drawn) if drawn else ""


def _points(run: RunFacts) -> list[tuple[float, float]]:
    rows = run.rows.get("score", [])
    return [(row["images"], row["fd"]) for row in rows if isinstance(row.get("fd"), (int, float))]


def differences(comparison: Comparison) -> str:
    """The differences from the first method by the leading metric, and by the others below."""
    found = comparison.results["differences"]
    if not found:
        return ""
    leading = [each for each in found if each["metric"] == comparison.results["leads"]]
    others = _differences(comparison, [each for each in found if each not in leading])
    body = f"{_differences(comparison, leading)}<details><summary>By the other metrics</summary>{others}</details>"
    lead = "Each method against the first one. An interval that holds zero does not tell the two apart."
    return section("differences", "Differences", lead, body)


def _differences(comparison: Comparison, found: list[dict[str, Any]]) -> str:
    rows = [
        (
            _named(comparison, each["method"]),
            text(comparison.metric_name(each["metric"])),
            text(signed(each["metric"], each["value"])),
            text(signed_span(each["metric"], each) or DASH),
            text(each["how"]),
        )
        for each in found
    ]
    head = ("method", "metric", f"minus {comparison.results['against']}", "95 % interval", "how")
    return table(head, rows, "scores")


def rates(comparison: Comparison) -> str:
    """The trials, where rates were chosen by them."""
    values = sorted(comparison.record["asked"].get("rates") or [])
    tried, chosen = comparison.record.get("trials") or {}, comparison.record.get("rates") or {}
    if not values:
        return ""
    rows = []
    for row in comparison.rows:
        found = {trial["rate"]: trial["fd"] for trial in tried.get(row.name, [])}
        cells = [_trial(found.get(rate), rate == chosen.get(row.name)) for rate in values]
        rows.append([_named(comparison, row.name), *cells])
    lead = (
        f"{comparison.metric_name('fd')} on the choose split after a quarter of the budget, with seed 0: as many "
        "trials, of the same cost, for each method. Marked: the rate that it was then given."
    )
    head = ["method", *(f"rate {rate:g}" for rate in values)]
    return section("rates", "How rates were chosen", lead, table(head, rows, "scores"))


def _trial(score: float | None, chosen: bool) -> str:
    said = text("became NaN" if score is None else number(float(score)))
    return f"<mark>{said}</mark>" if chosen else said


def equal(comparison: Comparison) -> str:
    """What the runs' configs have in common, and what each method has of its own."""
    every = [run for row in comparison.rows for run in row.every]
    names = dict.fromkeys(name for run in every for name in run.config.get("choices") or {} if name not in ELSEWHERE)
    same = [name for name in names if all(run.choice(name) == every[0].choice(name) for run in every)]
    body = f"<p>{text(_protocol(comparison))}</p><h3>The same for all</h3>{_chips(every[0], same)}"
    if len(same) < len(names):
        own = [name for name in names if name not in same]
        rows = [[_named(comparison, row.name), _chips(row.every[0], own)] for row in comparison.rows]
        body += f"<h3>What each has of its own</h3>{table(('method', 'choices'), rows, 'scores own')}"
    return section("equal", "What was equal", "And what was not, as the runs' own configs say.", body)


def _chips(run: RunFacts, names: list[str]) -> str:
    there = [name for name in names if name in (run.config.get("choices") or {})]
    return f'<ul class="chips">{"".join(f"<li>{_said(name, run.choice(name))}</li>" for name in there)}</ul>'


def _said(name: str, value: Any) -> str:
    words = schedule_words(value) if name == "gamma" else value_words(value)
    return f"<b>{text(name.replace('_', ' '))}</b> {text(words)}"


def _protocol(comparison: Comparison) -> str:
    found = comparison.results["protocol"]
    if not found:
        return "No run has a score."
    return (
        f"One protocol: {found.get('n') or 0:,} samples of each run's kept generator against "
        f"{found.get('n_real') or 0:,} test images, seen by {found.get('extractor')} ({found.get('resize')}, weights "
        f"{str(found.get('checksum'))[:12]}). {_kept(comparison)}"
    )


def _kept(comparison: Comparison) -> str:
    if any(run.best for row in comparison.rows for run in row.runs):
        return "The kept generator is the best one on the choose split."
    return "The kept generator is the last one: with so few pictures, choosing by a score would be choosing by noise."


def runs(comparison: Comparison) -> str:
    """Every run with its own score and its place."""
    key = comparison.results["leads"]
    rows = []
    for each in comparison.results["runs"]:
        metric = each["metrics"].get(key)
        said = metric_value(key, metric["value"]) if metric else each.get("ended", DASH)
        minutes = number(round(each["seconds"] / 60, 1))
        cells = (each["seed"], said, f"{minutes} min")
        rows.append([_named(comparison, each["method"]), f"<code>{text(each['run'])}</code>", *map(text, cells)])
    head = ("method", "run", "seed", comparison.metric_name(key) if key else "score", "time")
    lead = "Each has a page of its own. Its time also says what else the machine did; its result does not."
    body = f"<details><summary>{len(rows)} runs</summary>{table(head, rows, 'scores')}</details>"
    return section("runs", "The runs", lead, body)
