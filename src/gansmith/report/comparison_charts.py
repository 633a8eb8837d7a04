"""The two charts of a comparison as inline SVG: dots with intervals, and curves named at their ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from gansmith.report.charts import log_ticks, ticks
from gansmith.report.compared import shortened
from gansmith.report.markup import text
from gansmith.report.words import short

WIDTH, RIGHT = 920, 24
NAMES, MOST_NAMES, LETTER, BESIDE = 170, 330, 7.5, 24  # the names' column, as wide as they need within these
ROW, TOP, BOTTOM = 34, 34, 34
CURVE_HEIGHT, CURVE_LEFT = 400, 52
NAME_HEIGHT = 16
SPREAD_FOR_LOG = 6.0

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Dots:
    """One row of the dot plot: a mean, its interval if there is one, and the single runs."""

    name: str
    tone: str
    value: float
    low: float | None
    high: float | None
    singles: Sequence[float]


@dataclass(frozen=True)
class Trace:
    """One method's curves, one for each run."""

    name: str
    tone: str
    runs: Sequence[Points]


@dataclass(frozen=True)
class Scale:
    """Values to places between two edges of the paper, cut off there."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Check: ``low`` lies at ``start``, ``high`` at ``end``, what lies beyond at the nearer of both."""
        value = min(max(value, self.low), self.high)
        low, high, value = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return round(self.start + (value - low) / ((high - low) or 1) * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[float]:
        return log_ticks(self.low, self.high) if self.log else ticks(self.low, self.high, 6)


def dot_plot(title: str, note: str, rows: Sequence[Dots], floor: float | None = None) -> str:
    """Means with their intervals, one method a row; logarithmic where methods lie far apart. Nothing without rows."""
    if not rows:
        return ""
    scale, base = _scale(rows, floor), TOP + ROW * len(rows)
    parts = [
        f'<path class="grid" d="M{scale(tick)} {TOP - 8}V{base}"/>'
        f'<text x="{scale(tick)}" y="{base + 18}" text-anchor="middle">{short(tick)}</text>'
        for tick in scale.ticks
    ]
    if floor is not None:
        parts.append(
            f'<path class="level" d="M{scale(floor)} {TOP - 12}V{base}"/>'
            f'<text class="name" x="{scale(floor)}" y="{TOP - 18}" text-anchor="middle">real against real</text>'
        )
    parts += [_dots(row, scale, TOP + ROW * (index + 0.5)) for index, row in enumerate(rows)]
    return _figure(title, note, base + BOTTOM, parts)


def _scale(rows: Sequence[Dots], floor: float | None) -> Scale:
    """Wide enough for every value; an interval of two seeds, which may reach far, is cut at the paper's edge."""
    values = [value for row in rows for value in (row.value, *row.singles)]
    ends = [end for row in rows for end in (row.low, row.high) if end is not None]
    left = _column([row.name for row in rows])
    shown = values if floor is None else [*values, floor]
    low, high = min(shown), max(shown)
    if low > 0 and max(values) >= SPREAD_FOR_LOG * min(values):
        lowest, highest = max(min(ends, default=low), 0.8 * min(values)), min(max(ends, default=high), 2 * high)
        return Scale(min(low, lowest) / 1.15, max(high, highest) * 1.1, left, WIDTH - RIGHT, log=True)
    room = max(values) - min(values) or abs(high) or 1.0
    low, high = (
        min(low, max(min(ends, default=low), min(values) - room)),
        max(high, min(max(ends, default=high), max(values) + room)),
    )
    margin = 0.04 * (high - low)
    return Scale(low - margin, high + margin, left, WIDTH - RIGHT)


def _column(names: Sequence[str]) -> float:
    """How wide the names' column is."""
    return min(MOST_NAMES, max(NAMES, BESIDE + LETTER * max(map(len, names))))


def _label(name: str) -> str:
    """A name that fits into the widest column."""
    return text(shortened(name, int((MOST_NAMES - BESIDE) / LETTER)))


def _dots(row: Dots, scale: Scale, y: float) -> str:
    parts = [f'<text class="row" x="{scale.start - 16}" y="{y + 4}" text-anchor="end">{_label(row.name)}</text>']
    if row.low is not None and row.high is not None:
        low, high = scale(row.low), scale(row.high)
        parts.append(f'<path class="reach" d="M{low} {y}H{high}"/>')
        ends = ((low, row.low >= scale.low), (high, row.high <= scale.high))
        parts += [f'<path class="reach" d="M{x} {y - 5}v10"/>' for x, inside in ends if inside]
    if len(row.singles) > 1:
        parts += [f'<circle class="single" cx="{scale(value)}" cy="{y}" r="3"/>' for value in row.singles]
    parts.append(f'<circle class="mean" cx="{scale(row.value)}" cy="{y}" r="5.5"/>')
    said = f"{row.name}: {short(row.value)}"
    if row.low is not None and row.high is not None:
        said += f", {short(row.low)} to {short(row.high)}"
    return f'<g class="{row.tone}"><title>{text(said)}</title>{"".join(parts)}</g>'


def traces(title: str, note: str, lines: Sequence[Trace]) -> str:
    """Curves of all methods, each named at its end; nothing where no run has a point."""
    lines = [Trace(line.name, line.tone, [points for points in line.runs if points]) for line in lines]
    lines = [line for line in lines if line.runs]
    every = [point for line in lines for points in line.runs for point in points]
    if not every:
        return ""
    low, high = min(y for _, y in every), max(y for _, y in every)
    log = low > 0
    low, high = (low / 1.1, high * 1.1) if log else (low - 0.05 * (high - low), high + 0.05 * (high - low))
    x = Scale(0.0, max(x for x, _ in every), CURVE_LEFT, WIDTH - _column([line.name for line in lines]))
    y = Scale(low, high, CURVE_HEIGHT - BOTTOM, 12, log)
    parts = [*_axes(x, y), *(_trace(line, x, y) for line in lines), *_names(lines, x, y)]
    return _figure(title, note, CURVE_HEIGHT, parts)


def mean_of(runs: Sequence[Points]) -> Points:
    """The mean curve of runs that were scored at the same image counts, where there are several; else none."""
    at = {tuple(x for x, _ in points) for points in runs}
    if len(runs) < 2 or len(at) != 1:
        return []
    return [(x, fmean(points[index][1] for points in runs)) for index, x in enumerate(at.pop())]


def _axes(x: Scale, y: Scale) -> list[str]:
    base = CURVE_HEIGHT - BOTTOM
    parts = [
        f'<path class="grid" d="M{CURVE_LEFT} {y(tick)}H{x.end}"/>'
        f'<text x="{CURVE_LEFT - 8}" y="{y(tick) + 4}" text-anchor="end">{short(tick)}</text>'
        for tick in y.ticks
    ]
    parts += [
        f'<path class="axis" d="M{x(tick)} {base}v4"/>'
        f'<text x="{x(tick)}" y="{base + 18}" text-anchor="middle">{short(tick)}</text>'
        for tick in x.ticks
    ]
    return [*parts, f'<path class="axis" d="M{CURVE_LEFT} {base}H{x.end}"/>']


def _trace(line: Trace, x: Scale, y: Scale) -> str:
    mean = mean_of(line.runs)
    kind = "faint" if mean else "run"
    drawn = "".join(_path(points, x, y, kind) for points in line.runs)
    return f'<g class="{line.tone}"><title>{text(line.name)}</title>{drawn}{_path(mean, x, y, "run")}</g>'


def _path(points: Points, x: Scale, y: Scale, kind: str) -> str:
    if not points:
        return ""
    if len(points) == 1:
        return f'<circle class="single" cx="{x(points[0][0])}" cy="{y(points[0][1])}" r="3"/>'
    steps = "L".join(f"{x(at)} {y(value)}" for at, value in points)
    return f'<path class="trace {kind}" d="M{steps}"/>'


def _names(lines: Sequence[Trace], x: Scale, y: Scale) -> list[str]:
    """Each name beside its curve's end, moved apart where they would overlap."""
    ends = [(y(fmean(points[-1][1] for points in line.runs)), line) for line in lines]
    ends.sort(key=lambda end: end[0])
    places = apart([place for place, _ in ends], NAME_HEIGHT, CURVE_HEIGHT - BOTTOM)
    found = []
    for place, (end, line) in zip(places, ends, strict=True):
        last = x(max(points[-1][0] for points in line.runs))
        found.append(
            f'<g class="{line.tone}"><path class="lead" d="M{last + 3} {end}L{x.end + 14} {place}"/>'
            f'<text class="end" x="{x.end + 18}" y="{place + 4}">{_label(line.name)}</text></g>'
        )
    return found


def apart(places: Sequence[float], distance: float, lowest: float) -> list[float]:
    """Rising places moved as little as need be to lie ``distance`` apart, none beyond ``lowest``.

    Check: places that are apart stay as they are.
    """
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + distance) if found else place)
    for index in range(len(found) - 1, -1, -1):
        found[index] = min(found[index], lowest - distance * (len(found) - 1 - index))
    return [round(place, 1) for place in found]


def _figure(title: str, note: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<figure class="chart broad"><figcaption><b>{text(title)}</b> {text(note)}</figcaption><div><svg '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{text(title)}">{"".join(parts)}</svg></div></figure>'
    )
