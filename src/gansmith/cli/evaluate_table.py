"""The evaluation card on a terminal."""

from collections.abc import Mapping
from typing import Any

from gansmith.report import card_lines

STYLES = {"good": "green", "bad": "bold red", "none": ""}


def print_card(card: Mapping[str, Any]) -> None:
    """The sentence, the scores under their questions, the classes, and what must be known."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(card_lines.heading(card), style="bold"))
    console.print(Text(card["summary"]))
    console.print(_scores(card))
    if found := card_lines.classes(card):
        console.print(_classes(found))
    if card.get("people"):
        console.print(Text(f"People: {card['people']['summary']}"))
    for names, why in card_lines.lacking(card):
        console.print(Text(f"Not measured: {names}: {why}."))
    for note in card["notes"]:
        console.print(Text(note))
    console.print()
    console.print(Text(card_lines.EXPLAINED, style="dim"))
    for line in card_lines.instruments(card):
        console.print(Text(line, style="dim"))


def _scores(card: Mapping[str, Any]) -> Any:
    from rich.text import Text

    table = _table("", "generated", "95 %", "real", "")
    for group in card_lines.groups(card):
        table.add_row(Text(group.question, style="bold"))
        for row in group.rows:
            style = "bold" if row.leads else ""
            name = Text(("▸ " if row.leads else "  ") + row.label, style=style)
            verdict = Text(row.verdict, style=STYLES[row.tone])
            table.add_row(name, Text(row.value, style=style), row.span, row.beside, verdict)
        table.add_section()
    return table


def _classes(rows: list[card_lines.ClassRow]) -> Any:
    from rich.text import Text

    table = _table("class", "share", "of real", "KID inside", "of real", "")
    for row in rows:
        lost = Text("missing" if row.lost else "", style=STYLES["bad"])
        table.add_row(Text(row.name), row.share, row.real, row.distance, row.floor, lost)
    return table


def _table(*heads: str) -> Any:
    """Columns of numbers between the names and the words."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place in (0, len(heads) - 1) else "right", no_wrap=True)
    return table
