"""Cards side by side, for a terminal or a page."""

from collections.abc import Mapping
from typing import Any

from gansmith.metrics.card import of_class
from gansmith.report.card_lines import label, value
from gansmith.report.markup import section, table, text

LEAD = (
    "One run of each method has a card here, so this is of these generators, not of the methods. A difference from the "
    "first one is marked where its interval, widened for all of them together, leaves out zero."
)


def compared_table(found: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """What ``side_by_side`` found as plain text: the head, and a row for each whole score.

    Check: a difference beyond chance is marked better or worse, one whose best is a real image's other.
    """
    marks = {(each["metric"], each["run"]): _mark(each) for each in found["differences"]}
    head = ["score", *found["runs"], "real"]
    rows = []
    for score, lines in found["metrics"].items():
        if of_class(score):
            continue
        cells = [f"{value(score, line['value'])}{marks.get((score, name), '')}" for name, line in lines.items()]
        floor = found["floor"].get(score)
        rows.append([label(score, next(iter(lines.values()))), *cells, value(score, floor["value"]) if floor else ""])
    return head, rows


def compared_section(found: Mapping[str, Any]) -> str:
    """The same as a section of the comparison's page, with what was left out."""
    head, rows = compared_table(found)
    out = "".join(f"<li>{text(label(score, {}))}: {text(why)}</li>" for score, why in found["left_out"].items())
    said = f'<ul class="rules">{out}</ul>' if out else ""
    return section(
        "cards", "The cards side by side", LEAD, table(head, ([text(c) for c in row] for row in rows)) + said
    )


def _mark(difference: Mapping[str, Any]) -> str:
    if not difference["beyond"]:
        return ""
    if difference["better"] == "real":
        return " (other)"
    return " (worse)" if (difference["value"] > 0) == (difference["better"] == "lower") else " (better)"
