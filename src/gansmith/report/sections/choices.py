"""Each choice that was made for the user, and its reason."""

import json
from typing import Any

from gansmith.report.facts import RunFacts
from gansmith.report.markup import section, table, text

LEAD = "Chosen from the data and the budget, unless you chose: gansmith train --help lists the flags."


def choices(facts: RunFacts) -> str:
    """The table of choices, as config.json keeps them."""
    entries = facts.config.get("choices") or {}
    if not entries:
        return ""
    rows = []
    for name, entry in entries.items():
        value, reason = (entry.get("value"), entry.get("reason", "")) if isinstance(entry, dict) else (entry, "")
        said = text(schedule_words(value) if name in ("rate", "gamma") else value_words(value))
        rows.append((f"<b>{text(name.replace('_', ' '))}</b>", f"<code>{said}</code>", text(reason)))
    return section("choices", "Choices, with reasons", LEAD, table(("choice", "value", "because"), rows, "choices"))


def schedule_words(value: Any) -> str:
    """Where a schedule begins and ends. Check: [0.005, 0.005] is 0.005 throughout."""
    if not (isinstance(value, (list, tuple)) and len(value) == 2):
        return value_words(value)
    begins, ends = (value_words(part) for part in value)
    return begins if begins == ends else f"{begins} falling to {ends}"


def value_words(value: Any) -> str:
    """A recorded value as one would say it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
    if isinstance(value, (list, tuple)) and all(isinstance(item, (int, float, str)) for item in value):
        return ", ".join(value_words(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value)
