"""The little HTML that the sections are built from. Everything a user could have written passes ``text``."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def text(value: Any) -> str:
    """Any value as text that cannot become markup, inside elements and inside quoted attributes."""
    return escape(str(value), quote=True)


def section(anchor: str, title: str, lead: str, body: str) -> str:
    """One section: its title and a sentence in the margin, its body beside them. ``body`` is markup."""
    return (
        f'<section id="{anchor}"><header><h2>{text(title)}</h2><p>{text(lead)}</p></header>'
        f'<div class="body">{body}</div></section>'
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of ready markup cells; on a narrow screen each row becomes a small card."""
    heads = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    body = "".join(
        "<tr>" + "".join(f'<td data-head="{text(h)}">{cell}</td>' for h, cell in zip(head, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<table class="{kind}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def command(line: str, does: str) -> str:
    """A command to copy, under what it does."""
    return f"<li><p>{text(does)}</p><pre><code>{text(line)}</code></pre></li>"
