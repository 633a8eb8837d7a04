"""What was found about the same runs elsewhere: their evaluation cards, and people's verdicts."""

from collections.abc import Sequence
from typing import Any

from gansmith.core.errors import InputError
from gansmith.metrics.card_compared import side_by_side
from gansmith.report.card_comparison import compared_section
from gansmith.report.card_files import newest
from gansmith.report.compared import Comparison, Row
from gansmith.report.markup import section, text
from gansmith.report.people import said_between


def cards(rows: Sequence[Row]) -> dict[str, Any] | None:
    """The card of each method's first run that has one, side by side; None where fewer than two do.

    They stand for that run alone, so its name is beside the method's. Cards that do not go together, since they
    were measured against other images, give ``{"why": ...}``.
    """
    found = {}
    for row in rows:
        for run in row.runs:
            if card := newest(run.path):
                found[row.name if run.name in row.name else f"{row.name}, {run.name}"] = card
                break
    try:
        return side_by_side(found) if len(found) > 1 else None
    except InputError as error:
        return {"why": str(error)}


def cards_section(comparison: Comparison) -> str:
    """The cards on the page; why they do not compare where they do not."""
    found = comparison.results.get("cards")
    if found and "why" in found:
        return section("cards", "The cards", "They are not shown side by side.", f"<p>{text(found['why'])}</p>")
    return compared_section(found) if found else ""


def people_section(comparison: Comparison) -> str:
    """Studies in which several of these runs were judged."""
    said = said_between([run.path for row in comparison.rows for run in row.runs])
    lines = "".join(f"<li>{text(line)}</li>" for line in said)
    return section("people", "What people say", "By gansmith judge.", f'<ul class="rules">{lines}</ul>') if said else ""
