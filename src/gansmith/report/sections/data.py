"""What the pictures were, and what was done to them."""

from typing import Any

from gansmith.report.facts import RunFacts
from gansmith.report.markup import section, table, text
from gansmith.report.words import colour_words, plural, size_words

LEAD = "What was found, what was set aside and why, and which pictures were never trained on."
FILES_SHOWN = 40
CLASSES_SHOWN = 40


def data(facts: RunFacts) -> str:
    """The data report that the run keeps."""
    found = facts.data
    if not found:
        return section("data", "The data", LEAD, '<p class="absent">This run keeps no data report.</p>')
    return section(
        "data",
        "The data",
        LEAD,
        _numbers(facts) + _splits(found) + _classes(found) + _cautions(found) + _rules(found) + _set_aside(found),
    )


def _numbers(facts: RunFacts) -> str:
    found = facts.data
    rows = {"source": facts.data_source}
    for key, name in (("sizes", "sizes"), ("modes", "modes")):
        if isinstance(found.get(key), dict) and found[key]:
            rows[name] = some(found[key])
    if isinstance(found.get("images"), int):
        rows["pictures"] = f"{found['images']:,}"
    if found.get("resolution"):
        rows["made into"] = f"{size_words(found['resolution'])}, {colour_words(found.get('channels'))}"
    for key, name in (("duplicates", "exact copies"), ("near_duplicates", "near copies")):
        if isinstance(found.get(key), int):
            rows[name] = f"{found[key]:,}"
    body = "".join(f"<div><dt>{text(key)}</dt><dd>{text(value)}</dd></div>" for key, value in rows.items())
    return f'<dl class="numbers">{body}</dl>'


def some(counts: dict[str, int], most: int = 4) -> str:
    """The commonest of what was counted. Check: one kind is named without its count."""
    if len(counts) == 1:
        return next(iter(counts))
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    rest = len(ordered) - most
    return ", ".join(f"{name} ({count:,})" for name, count in ordered[:most]) + (
        f" and {rest} more" if rest > 0 else ""
    )


def splits(found: dict[str, Any]) -> dict[str, int]:
    """Pictures in each split; what is held out for neither is trained on."""
    held = found.get("held_out") or {}
    held = {key: len(value) if isinstance(value, list) else int(value or 0) for key, value in held.items()}
    total = found.get("images")
    train = found.get("train", total - sum(held.values()) if isinstance(total, int) else None)
    return {**({"train": train} if isinstance(train, int) and train > 0 else {}), **held}


def _splits(found: dict[str, Any]) -> str:
    """The three splits as one bar."""
    sizes = {name: size for name, size in splits(found).items() if size > 0}
    if not sizes:
        return ""
    bar = "".join(f'<i class="{text(name)}" style="flex-grow:{size}"></i>' for name, size in sizes.items())
    uses = {"train": "trained on", "choose": "chose the best generator", "test": "only scored at the end"}
    legend = "".join(
        f'<li><i class="{text(name)}"></i><b>{size:,}</b> {text(uses.get(name, name))}</li>'
        for name, size in sizes.items()
    )
    return f'<div class="splits" aria-hidden="true">{bar}</div><ul class="legend">{legend}</ul>'


def _classes(found: dict[str, Any]) -> str:
    classes = found.get("classes")
    if not classes:
        return ""
    counts = found.get("class_counts") or {}
    items = [(name, counts.get(name)) for name in classes]
    chips = "".join(
        f"<li>{text(name)}{f' <b>{count:,}</b>' if isinstance(count, int) else ''}</li>"
        for name, count in items[:CLASSES_SHOWN]
    )
    more = f"<li>and {len(items) - CLASSES_SHOWN:,} more</li>" if len(items) > CLASSES_SHOWN else ""
    return f'<h3>{plural(len(items), "class", "classes")}</h3><ul class="chips">{chips}{more}</ul>'


def _cautions(found: dict[str, Any]) -> str:
    """What the splits could not keep apart."""
    said = []
    if groups := found.get("large_near_groups"):
        said.append(
            f"{plural(len(groups), 'group')} of near copies held more than 1 % of the pictures (the largest "
            f"{max(groups):,}); only exact copies of theirs were kept in one split."
        )
    if like := found.get("train_like_test"):
        said.append(f"{plural(like, 'training picture')} nearly equal one of the test split that the data brought.")
    return "".join(f'<p class="caution">{text(line)}</p>' for line in said)


def _rules(found: dict[str, Any]) -> str:
    rules = found.get("rules") or []
    body = "".join(f"<li>{text(rule)}</li>" for rule in rules)
    return f'<h3>Rules that were applied</h3><ul class="rules">{body}</ul>' if body else ""


def _set_aside(found: dict[str, Any]) -> str:
    files = found.get("set_aside") or []
    if not files:
        return "<p>No file was set aside.</p>"
    rows = [(f"<code>{text(f.get('file', ''))}</code>", text(f.get("reason", ""))) for f in files[:FILES_SHOWN]]
    more = f"<p>And {len(files) - FILES_SHOWN:,} more.</p>" if len(files) > FILES_SHOWN else ""
    opened = " open" if len(files) <= 8 else ""
    return (
        f"<details{opened}><summary>{plural(len(files), 'file')} set aside</summary>"
        f"{table(('file', 'why'), rows, 'files')}{more}</details>"
    )
