"""The evaluation card as a section of a run's page, and as a page of its own for images of other programs."""

import io
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from gansmith.core.files import asset, write_text
from gansmith.core.images import grid, to_pillow
from gansmith.report import card_lines
from gansmith.report.card_lines import ClassRow, Row
from gansmith.report.markup import section, table, text
from gansmith.report.pictures import inline

Card = Mapping[str, Any]
LEAD = (
    "Every score beside what as many real images get in the same place. A difference counts where its interval, "
    "widened for all scores together, leaves out zero. No difference: none was found, and a small one can go unnoticed."
)
WIDTH, HEIGHT, INSET = 170, 26, 7
COLUMNS = 8


def write_card_page(path: Path, card: Card, generated: np.ndarray, real: np.ndarray) -> Path:
    """One self-contained page beside the card's file; its path.

    Args:
        generated, real: (n, H, W, C) uint8, a few of each.
    Raises: WorkError: the disk is full.
    """
    page = path.with_suffix(".html")
    write_text(page, render(card, generated, real))
    return page


def render(card: Card, generated: np.ndarray, real: np.ndarray) -> str:
    """The page as text."""
    body = [_opening(card), _pictures(card, generated, real), card_section(card)]
    return Template(asset("report", "page.html")).substitute(
        title=text(f"{card['source']['name']}, evaluated"),
        style=asset("report", "page.css") + asset("report", "card.css"),
        script="",
        body="\n".join(filter(None, body)),
        foot=text(f"gansmith {card['gansmith']} · {card['created']}"),
    )


def card_section(card: Card, style: bool = False) -> str:
    """The scores, the classes, and what they were measured with; ``style`` brings its own rules along."""
    scores = f'<div class="by-question">{"".join(map(_group, card_lines.groups(card)))}</div>'
    body = [_key(), scores, _classes(card_lines.classes(card)), _people(card)]
    rules = f"<style>{asset('report', 'card.css')}</style>" if style else ""
    said = f'<p class="said">{text(card["summary"])}</p>' if style else ""
    return rules + section("evaluation", "The evaluation card", LEAD, said + "".join(body) + _small_print(card))


def _opening(card: Card) -> str:
    return (
        f'<header class="opening"><p class="made">gansmith · evaluation</p><h1>{text(card["source"]["name"])}</h1>'
        f'<p class="lede">{text(card["summary"])}</p><p class="caution">{text(card_lines.heading(card))}</p></header>'
    )


def _key() -> str:
    return (
        '<ul class="legend key"><li><i class="fake"></i>generated</li><li><i></i>as many real images: the floor</li>'
        "<li>lines are 95 % intervals</li></ul>"
    )


def _group(group: card_lines.Group) -> str:
    rows = ((_name(row), _value(row), _whiskers(row), text(row.beside), _verdict(row)) for row in group.rows)
    measured = f'<p class="measured">{text(group.measured)}</p>' if group.measured else ""
    return f"<h3>{text(group.question)}</h3>{measured}" + table(("score", "generated", "", "real", ""), rows, "card")


def _name(row: Row) -> str:
    first = ' class="first"' if row.leads else ""
    return f"<b{first}>{text(row.label)}</b><small>{text(row.meaning)}</small>"


def _value(row: Row) -> str:
    return f"<strong>{text(row.value)}</strong><small>{text(row.span)}</small>"


def _verdict(row: Row) -> str:
    return f'<span class="verdict {row.tone}">{text(row.verdict)}</span>' if row.verdict else ""


def _whiskers(row: Row) -> str:
    """Value and interval of the generated images above those of real ones, from zero; shares on all of 0 to 1."""
    lines = [(row.line, "fake", 8)] + ([(row.floor, "real", 18)] if row.floor else [])
    ends = [float(line[end]) for line, _, _ in lines for end in ("low", "high", "value")]
    low, high = min(0.0, *ends), 1.0 if row.value.endswith("%") else max(0.0, *ends)
    parts = [f'<path class="zero" d="M{_at(0, low, high)} 1V{HEIGHT - 1}"/>']
    for line, tone, y in lines:
        left, right, dot = (_at(float(line[end]), low, high) for end in ("low", "high", "value"))
        parts.append(
            f'<path class="{tone}" d="M{left} {y}H{right}"/><circle class="{tone}" cx="{dot}" cy="{y}" r="4"/>'
        )
    said = f"{row.value}, real {row.beside}"
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text(said)}">{"".join(parts)}</svg>'


def _at(value: float, low: float, high: float) -> float:
    return round(INSET + (value - low) / ((high - low) or 1) * (WIDTH - 2 * INSET), 1)


def _classes(rows: list[ClassRow]) -> str:
    """Each class's share as a bar on the share that real images have."""
    if not rows:
        return ""
    most = max(max(row.shares) for row in rows) or 1
    cells = (
        (
            f"<b>{text(row.name)}</b>" + ('<span class="verdict bad">missing</span>' if row.lost else ""),
            f'<i class="bar"><i style="width:{100 * row.shares[0] / most:.1f}%"></i>'
            f'<i class="mark" style="left:{100 * row.shares[1] / most:.1f}%"></i></i>',
            text(row.share),
            text(row.real),
            text(row.distance),
            text(row.floor),
        )
        for row in rows
    )
    heads = ("class", "", "share", "of real", "KID inside", "real")
    return f"<h3>Class by class</h3>{table(heads, cells, 'card by-class')}"


def _people(card: Card) -> str:
    """What raters said, where a study exists."""
    people = card.get("people")
    return f"<h3>What people say</h3><p>{text(people['summary'])}</p>" if people else ""


def _small_print(card: Card) -> str:
    notes = [*card["notes"], *(f"Not measured: {names}: {why}." for names, why in card_lines.lacking(card))]
    said = "".join(f"<li>{text(note)}</li>" for note in notes)
    used = "".join(f"<li>{text(line)}</li>" for line in card_lines.instruments(card))
    known = f'<h3>Before these numbers are quoted</h3><ul class="rules">{said}</ul>' if said else ""
    return f'{known}<details><summary>Measured with</summary><ul class="rules">{used}</ul></details>'


def _pictures(card: Card, generated: np.ndarray, real: np.ndarray) -> str:
    shown = ((f"generated: {card['source']['name']}", generated), (f"real: {card['against']['name']}", real))
    body = "".join(
        f'<figure><img src="{_uri(images)}" alt="{text(name)}"><figcaption>{text(name)}</figcaption></figure>'
        for name, images in shown
        if len(images)
    )
    return f'<div class="beside">{body}</div>'


def _uri(images: np.ndarray) -> str:
    buffer = io.BytesIO()
    to_pillow(grid(np.asarray(images), COLUMNS)).save(buffer, "PNG")
    return inline("png", buffer.getvalue())
