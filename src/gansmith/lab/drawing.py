"""Pictures of games as inline SVG: curves and clouds that move under a time bar, and walks in a plane.

A moving part carries all of its moments (``data-frames``, ``data-walk``), which the page's script goes
through; without the script the picture stands still at a moment that can be read alone.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from gansmith.report.charts import ticks
from gansmith.report.markup import text
from gansmith.report.words import MINUS

Values = Sequence[float] | np.ndarray | Tensor

CURVE_POINTS = 161
MARGIN_LEFT, MARGIN_TOP, MARGIN_RIGHT, MARGIN_BOTTOM = 40, 30, 10, 26


@dataclass(frozen=True)
class Paper:
    """Where values fall on the picture.

    Check: the ranges' ends fall on the edges of the plot.
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: int = 440
    height: int = 250

    def x(self, values: np.ndarray) -> np.ndarray:
        """Values -> pixels from the left."""
        room = self.width - MARGIN_LEFT - MARGIN_RIGHT
        return MARGIN_LEFT + room * (np.asarray(values) - self.x_range[0]) / (self.x_range[1] - self.x_range[0])

    def y(self, values: np.ndarray) -> np.ndarray:
        """Values -> pixels from the top."""
        room = self.height - MARGIN_TOP - MARGIN_BOTTOM
        share = (np.asarray(values) - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return self.height - MARGIN_BOTTOM - room * share

    def places(self, points: np.ndarray) -> list[list[float]]:
        """(N, 2) values -> [x, y] pixels, rounded to a tenth."""
        pixels = np.stack([self.x(points[:, 0]), self.y(points[:, 1])], 1)
        return np.clip(pixels, -50, 600).round(1).tolist()

    def axes(self) -> str:
        """Grid lines with their numbers."""
        left, right, base = MARGIN_LEFT, self.width - MARGIN_RIGHT, self.height - MARGIN_BOTTOM
        parts = []
        for value in ticks(*self.y_range):
            y = round(float(self.y(np.array(value))), 1)
            parts.append(f'<path class="grid" d="M{left} {y}H{right}"/>')
            parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{_tick(value)}</text>')
        for value in ticks(*self.x_range, 5):
            x = round(float(self.x(np.array(value))), 1)
            parts.append(f'<path class="axis" d="M{x} {base}v4"/>')
            parts.append(f'<text x="{x}" y="{base + 17}" text-anchor="middle">{_tick(value)}</text>')
        return "".join(parts) + f'<path class="axis" d="M{left} {base}H{right}"/>'

    def inside(self, content: str) -> str:
        """What is drawn, cut off at the edges of the plot."""
        wide, high = self.width - MARGIN_LEFT - MARGIN_RIGHT, self.height - MARGIN_TOP - MARGIN_BOTTOM
        box = f"{MARGIN_LEFT} {MARGIN_TOP - 4} {wide} {high + 8}"
        x, y, width, height = box.split()
        return f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{box}">{content}</svg>'


@dataclass(frozen=True)
class Curve:
    """A line's name and its tone: real, fake, ink or quiet, as all over the page."""

    name: str
    tone: str


def moving_curves(
    title: str,
    note: str,
    x: Values,
    curves: Sequence[Curve],
    frames: Sequence[Sequence[Values]],
    said: Sequence[str],
    *,
    x_range: tuple[float, float],
    y_range: tuple[float, float] = (0.0, 1.0),
    still: int | None = None,
) -> str:
    """Curves over one axis, moment by moment.

    Args:
        x: (K,) places.
        frames: for each moment, for each curve, (K,) values.
        said: what is said under the picture at each moment.
        still: the moment shown without a script; the middle one unless said.
    """
    paper = Paper(x_range, y_range)
    places = np.linspace(*x_range, CURVE_POINTS)
    paths = [
        [_line(paper.places(np.stack([places, np.interp(places, x, np.asarray(values))], 1))) for values in moment]
        for moment in frames
    ]
    still = len(frames) // 2 if still is None else still
    drawn = "".join(
        f'<path class="line {curve.tone}" d="{paths[still][i]}" data-frames="{_data([m[i] for m in paths])}"/>'
        for i, curve in enumerate(curves)
    )
    svg = _svg(paper, title, paper.axes() + paper.inside(drawn) + _legend(curves))
    return _moving(title, note, svg, said, still)


def moving_cloud(
    title: str,
    note: str,
    real: np.ndarray,
    frames: Sequence[np.ndarray],
    said: Sequence[str],
    reach: float,
) -> str:
    """Points in a plane, moment by moment, over still ones; the last moment is the one without a script.

    Args:
        real: (N, 2), still.
        frames: for each moment (M, 2).
        reach: the plot shows -reach to reach.
    """
    paper = Paper((-reach, reach), (-reach, reach), 440, 440 - MARGIN_LEFT - MARGIN_RIGHT + MARGIN_TOP + MARGIN_BOTTOM)
    dots = [_dots(paper.places(points)) for points in frames]
    drawn = (
        f'<path class="cloud real" d="{_dots(paper.places(real))}"/>'
        f'<path class="cloud fake" d="{dots[-1]}" data-frames="{_data(dots)}"/>'
    )
    legend = _legend([Curve("real", "real"), Curve("generated", "fake")])
    return _moving(title, note, _svg(paper, title, paper.axes() + paper.inside(drawn) + legend), said, len(frames) - 1)


@dataclass(frozen=True)
class Walk:
    """A way through the plane: its name, what becomes of it, and its points."""

    name: str
    fate: str
    points: Sequence[tuple[float, float]]


def moving_walks(title: str, note: str, walks: Sequence[Walk], said: Sequence[str], reach: float) -> str:
    """Panels side by side, each with a dot that leaves a trail; one time bar moves all of them."""
    paper = Paper((-reach, reach), (-reach, reach), 220, 220 - MARGIN_LEFT - MARGIN_RIGHT + MARGIN_TOP + MARGIN_BOTTOM)
    panels = []
    for walk in walks:
        places = paper.places(np.asarray(walk.points))
        centre = paper.places(np.zeros((1, 2)))[0]
        drawn = (
            f'<circle class="goal" cx="{centre[0]}" cy="{centre[1]}" r="4"/>'
            f'<g data-walk="{_data(places)}"><path class="line fake thin" d="{_line(places)}"/>'
            f'<circle class="dot fake" cx="{places[-1][0]}" cy="{places[-1][1]}" r="4"/></g>'
        )
        name = f'<text class="strong" x="{MARGIN_LEFT}" y="18">{text(walk.name)}</text>'
        panels.append(
            f"<div>{_svg(paper, walk.name, paper.axes() + paper.inside(drawn) + name)}<p>{text(walk.fate)}</p></div>"
        )
    return _moving(title, note, f'<div class="panels">{"".join(panels)}</div>', said, len(said) - 1)


def _moving(title: str, note: str, body: str, said: Sequence[str], still: int) -> str:
    """A figure with its time bar, which the script shows."""
    return (
        f'<figure class="chart moving" data-count="{len(said)}" data-still="{still}">'
        f"<figcaption><b>{text(title)}</b> {text(note)}</figcaption>{body}"
        f'<output data-frames="{_data(said)}">{text(said[still])}</output>'
        f'<div class="time" hidden><button type="button">play</button>'
        f'<input type="range" min="0" max="{len(said) - 1}" value="{still}" aria-label="{text(title)}: time"></div>'
        "</figure>"
    )


def _svg(paper: Paper, label: str, content: str) -> str:
    return f'<svg viewBox="0 0 {paper.width} {paper.height}" role="img" aria-label="{text(label)}">{content}</svg>'


def _legend(curves: Sequence[Curve]) -> str:
    parts, x = [], MARGIN_LEFT
    for curve in curves:
        parts.append(f'<path class="line {curve.tone}" d="M{x} 12h16"/>')
        parts.append(f'<text class="legend" x="{x + 22}" y="16">{text(curve.name)}</text>')
        x += 22 + 7 * len(curve.name) + 18
    return "".join(parts)


def _line(places: Sequence[Sequence[float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)


def _dots(places: Sequence[Sequence[float]]) -> str:
    """Strokes of no length with round ends."""
    return "".join(f"M{x:g} {y:g}h0" for x, y in places)


def _data(value: object) -> str:
    return text(json.dumps(value, separators=(",", ":")))


def _tick(value: float) -> str:
    return f"{value:.4g}".replace("-", MINUS)
