"""``index.html``: one self-contained page over everything the lab's folder holds."""

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
from gansmith.report.words import duration, number

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
    contents = "".join(f'<li><a href="#{name}">{text(experiment.title)}</a></li>' for experiment, name, _ in made)
    return (
        f'<header class="opening"><p class="made">gansmith lab</p><h1>{text(TITLE)}</h1><p class="lede">{text(LEDE)}</p>'
        f'<p class="caution">{held} of {len(rows)} rows hold.</p><ol class="contents">{contents}</ol></header>'
    )


def _chapter(experiment: Experiment, name: str, kept: Kept | None) -> str:
    body = "".join(f"<p>{text(paragraph)}</p>" for paragraph in experiment.words)
    if kept is None:
        body += f'<ul class="commands">{command(f"gansmith lab {name}", "Not made yet. To add it to this page:")}</ul>'
    else:
        body += "".join(kept.figures) + _table(kept.rows)
        body += f'<p class="caution">Made in {duration(kept.seconds)}, seed {kept.seed}.</p>'
    return section(name, experiment.title, experiment.lead, body)


def _table(rows: list[Row]) -> str:
    cells = [
        [
            text(row.name),
            number(float(row.theory), 4),
            number(float(row.measured), 4),
            number(float(row.error), 2),
            '<span class="yes">holds</span>' if row.holds else '<span class="no">does not hold</span>',
        ]
        for row in rows
    ]
    return table(["what", "theory", "measured", "error", ""], cells, "rows")
