"""``index.html``: one self-contained page over everything the lab's folder holds."""

import math
import re
from importlib.resources import files
from pathlib import Path
from string import Template

from gansmith import __version__
from gansmith.core.files import write_text
from gansmith.lab import EXPERIMENTS, results
from gansmith.lab.experiment import Experiment
from gansmith.lab.results import Kept
from gansmith.lab.rows import Row
from gansmith.report.markup import command, section, table, text
from gansmith.report.words import MINUS, duration, number

ROUNDING = 1e-13
TITLE = "The two-player game"
LEDE = (
    "A generative adversarial network is two players: a generator that makes samples and a critic that tells them from "
    "real ones. In one and two dimensions all of it can be seen, and most of it can be calculated. "
    "Every table says what theory expects and what was measured, with the losses that gansmith trains with."
)


def write_page(out: Path) -> Path:
    """Write the page from the outcomes that are kept there; the page's path.

    Raises: WorkError: the disk is full.
    """
    path = out / "index.html"
    write_text(path, render(out))
    return path


def render(out: Path) -> str:
    """The page as text."""
    chapters = sorted(((EXPERIMENTS.get(name), name) for name in EXPERIMENTS.names), key=lambda pair: pair[0].chapter)
    made = [(experiment, name, results.find(out, name)) for experiment, name in chapters]
    sections = [_chapter(*entry) for entry in made]
    report = files("gansmith.report").joinpath("assets")
    own = files("gansmith.lab").joinpath("assets")
    return Template(report.joinpath("page.html").read_text(encoding="utf-8")).substitute(
        title=text(TITLE),
        style=report.joinpath("page.css").read_text(encoding="utf-8")
        + own.joinpath("lab.css").read_text(encoding="utf-8"),
        script=own.joinpath("lab.js").read_text(encoding="utf-8"),
        body="\n".join([_opening(made), *sections]),
        foot=text(f"gansmith {__version__} · gansmith lab"),
    )


def _opening(made: list[tuple[Experiment, str, Kept | None]]) -> str:
    rows = [row for _, _, kept in made if kept for row in kept.rows]
    held = sum(row.holds for row in rows)
    contents = "".join(f'<li><a href="#{name}">{text(_title(experiment))}</a></li>' for experiment, name, _ in made)
    return (
        f'<header class="opening"><p class="made">gansmith lab</p><h1>{text(TITLE)}</h1>'
        f'<p class="lede">{text(LEDE)}</p>'
        f'<p class="caution">{held} of {len(rows)} rows hold.</p><ol class="contents">{contents}</ol></header>'
    )


def _chapter(experiment: Experiment, name: str, kept: Kept | None) -> str:
    body = "".join(f"<p>{text(_typeset(paragraph))}</p>" for paragraph in experiment.words)
    if kept is None:
        body += f'<ul class="commands">{command(f"gansmith lab {name}", "Not made yet. To add it to this page:")}</ul>'
    else:
        body += "".join(kept.figures) + _table(kept.rows)
        spent = duration(kept.seconds) if kept.seconds >= 1 else "less than a second"
        body += f'<p class="caution">Made in {spent}, seed {kept.seed}.</p>'
    return section(name, _title(experiment), experiment.lead, body)


def _title(experiment: Experiment) -> str:
    return f"{experiment.chapter}. {experiment.title}"


def _typeset(words: str) -> str:
    """Minus signs for hyphens that stand before a number or a term."""
    return re.sub(r"(?<![\w-])-(?!-)", MINUS, words)


def _table(rows: list[Row]) -> str:
    cells = [
        [
            text(_typeset(row.name)),
            _value(row.theory, 4),
            _value(row.measured, 4),
            _value(row.error, 2),
            '<span class="yes">holds</span>' if row.holds else '<span class="no">does not hold</span>',
        ]
        for row in rows
    ]
    return table(["what", "theory", "measured", "error", ""], cells, "rows")


def _value(value: float, digits: int) -> str:
    """Whole numbers without decimals; what is only the rounding of float64 is 0."""
    if abs(value) < ROUNDING:
        return "0"
    return number(int(value) if math.isfinite(value) and value == int(value) else value, digits)
