"""Line charts as inline SVG, drawn by hand: axes, ticks, legend, colours taken from the page's theme.

The picture carries its own numbers (``data-chart``), from which the page's script shows the values
under the pointer; without the script it is a plain chart.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gansmith.report.markup import text
from gansmith.report.words import short

WIDTH, HEIGHT = 440, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 30, 30
POINTS_AT_MOST = 240

Point = tuple[float, float | None]


@dataclass(frozen=True)
class Series:
    """One line.

    Attributes:
        name: for the legend.
        points: (x, y) by rising x; a y of None breaks the line.
        tone: real, fake, ink or quiet; what colour means is the same all over the page.
    """

    name: str
    points: Sequence[Point]
    tone: str = "ink"


@dataclass(frozen=True)
class Chart:
    """What a chart shows.

    Attributes:
        title: what the lines are, in a few words.
        note: how to read it.
        marks: (x, y, name) of single points.
        events: (x, name) of vertical lines.
        log: whether y is logarithmic.
        floor: the y axis starts no higher than this.
    """

    title: str
    note: str
    series: Sequence[Series]
    marks: Sequence[tuple[float, float, str]] = ()
    events: Sequence[tuple[float, str]] = ()
    log: bool = False
    floor: float | None = None


@dataclass(frozen=True)
class _Frame:
    """Where values fall on the paper."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    log: bool = field(default=False)

    def x(self, value: float) -> float:
        share = (value - self.x_low) / ((self.x_high - self.x_low) or 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        low, high, value = (math.log10(v) if self.log else v for v in (self.y_low, self.y_high, value))
        share = (value - low) / ((high - low) or 1)
        return round(HEIGHT - BOTTOM - min(max(share, -0.02), 1.04) * (HEIGHT - TOP - BOTTOM), 1)


def draw(chart: Chart) -> str:
    """The chart as a figure with a caption; nothing when no line has a point."""
    lines = [Series(s.name, thin(s.points), s.tone) for s in chart.series]
    lines = [s for s in lines if any(y is not None for _, y in s.points)]
    if not lines:
        return ""
    frame = _frame(chart, lines)
    parts = [_axes(frame), _events(chart, frame)]
    parts += [_line(s, frame) for s in lines] + [
        _marks(chart, frame),
        _legend(lines if len(lines) > 1 else ()),
        '<g class="pointer"></g>',
    ]
    top = 0 if len(lines) > 1 else TOP - 14
    numbers = [{"name": s.name, "points": [[x, _compact(y)] for x, y in s.points]} for s in lines]
    told = json.dumps({"frame": _frame_numbers(frame), "series": numbers})
    return (
        f'<figure class="chart"><figcaption><b>{text(chart.title)}</b> {text(chart.note)}</figcaption>'
        f'<svg viewBox="0 {top} {WIDTH} {HEIGHT - top}" role="img" aria-label="{text(chart.title)}"'
        f' data-chart="{text(told)}">{"".join(parts)}</svg></figure>'
    )


def thin(points: Sequence[Point], most: int = POINTS_AT_MOST) -> list[Point]:
    """At most ``most`` points, each the mean of its stretch; a stretch without a value stays without one."""
    if len(points) <= most:
        return list(points)
    edges = [round(i * len(points) / most) for i in range(most + 1)]
    return [_mean(points[a:b]) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _mean(points: Sequence[Point]) -> Point:
    values = [y for _, y in points if y is not None]
    return points[-1][0], sum(values) / len(values) if values else None


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round values between low and high. Check: ticks(0, 10) is 0, 2, 4, ... 10 or coarser."""
    if not high > low:
        return [low]
    raw = (high - low) / about
    unit = 10 ** math.floor(math.log10(raw))
    step = next((m * unit for m in (1, 2, 2.5, 5) if m * unit >= raw), 10 * unit)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Round values of each decade between low and high: few of them when there are many decades.

    Check: log_ticks(90, 2100) is 100, 200, 500, 1000, 2000.
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for multiples in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)):
        ticks_there = (m * 10.0**d for d in decades for m in multiples)
        found = [tick for tick in ticks_there if low * 0.999 <= tick <= high * 1.001]
        if len(found) >= 3:
            break
    return found[:: 1 + len(found) // 7]


def _frame(chart: Chart, lines: Sequence[Series]) -> _Frame:
    xs = [x for s in lines for x, _ in s.points]
    ys = [y for s in lines for _, y in s.points if y is not None]
    ys += [y for _, y, _ in chart.marks]
    log = chart.log and min(ys) > 0
    low, high = _without_spikes(ys, log)
    if log:
        return _Frame(min(0, *xs, 0), max(xs), low / 1.15, high * 1.15, True)
    low = low if chart.floor is None else min(low, chart.floor)
    margin = 0.06 * ((high - low) or abs(high) or 1)
    bottom = low if low == chart.floor else low - margin
    return _Frame(min(0, *xs, 0), max(xs), bottom, high + margin)


def _without_spikes(values: Sequence[float], log: bool) -> tuple[float, float]:
    """The range to show: all of it, but for rare spikes that would flatten the rest (the line leaves the frame)."""
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    if log or len(ordered) < 50:
        return low, high
    edge = len(ordered) // 50
    inner_low, inner_high = ordered[edge], ordered[-1 - edge]
    room = inner_high - inner_low
    return max(low, inner_low - room), min(high, inner_high + room)


def _axes(frame: _Frame) -> str:
    parts = []
    values = log_ticks(frame.y_low, frame.y_high) if frame.log else ticks(frame.y_low, frame.y_high)
    for value in values:
        y = frame.y(value)
        parts.append(f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{y + 4}" text-anchor="end">{_tick(value)}</text>')
    for value in ticks(frame.x_low, frame.x_high, 5):
        x = frame.x(value)
        anchor = "end" if x > WIDTH - RIGHT - 14 else "middle"
        parts.append(f'<path class="axis" d="M{x} {HEIGHT - BOTTOM}v4"/>')
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 17}" text-anchor="{anchor}">{short(value)}</text>')
    parts.append(f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    return "".join(parts)


def _tick(value: float) -> str:
    return short(value) if abs(value) >= 1000 else f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


def _line(series: Series, frame: _Frame) -> str:
    """One path; a gap wherever a value is missing, a dot where a value stands alone."""
    path, pen_down, dots = [], False, []
    for index, (x, y) in enumerate(series.points):
        if y is None or (frame.log and y <= 0):
            pen_down = False
            continue
        alone = not pen_down and (index + 1 == len(series.points) or series.points[index + 1][1] is None)
        if alone:
            dots.append(f'<circle class="dot {series.tone}" cx="{frame.x(x)}" cy="{frame.y(y)}" r="2.5"/>')
        path.append(f"{'L' if pen_down else 'M'}{frame.x(x)} {frame.y(y)}")
        pen_down = True
    return f'<path class="line {series.tone}" d="{"".join(path)}"/>' + "".join(dots)


def _events(chart: Chart, frame: _Frame) -> str:
    return "".join(
        f'<path class="event" d="M{frame.x(x)} {TOP}V{HEIGHT - BOTTOM}"><title>{text(name)}</title></path>'
        for x, name in chart.events
    )


def _marks(chart: Chart, frame: _Frame) -> str:
    parts = []
    for x, y, name in chart.marks:
        at_x, at_y = frame.x(x), frame.y(y)
        right = at_x > WIDTH * 0.7
        parts.append(f'<circle class="mark" cx="{at_x}" cy="{at_y}" r="4.5"/>')
        parts.append(
            f'<text class="name strong" x="{at_x}" y="{at_y - 10}" text-anchor="{"end" if right else "middle"}">'
            f"{text(name)}</text>"
        )
    return "".join(parts)


def _legend(lines: Iterable[Series]) -> str:
    parts, x = [], LEFT
    for series in lines:
        parts.append(f'<path class="line {series.tone}" d="M{x} 12h16"/>')
        parts.append(f'<text class="legend" x="{x + 22}" y="16">{text(series.name)}</text>')
        x += 22 + 7 * len(series.name) + 18
    return "".join(parts)


def _frame_numbers(frame: _Frame) -> dict[str, float | bool]:
    return {"x0": frame.x_low, "x1": frame.x_high, "y0": frame.y_low, "y1": frame.y_high, "log": frame.log}


def _compact(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
