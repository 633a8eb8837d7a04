"""The model card: ``README.md`` of the run folder, ready for a hub once the user has named a licence."""

import json
from pathlib import Path
from typing import Any

from gansmith.core.files import write_text
from gansmith.core.runfolder import RunFolder
from gansmith.report.card_files import newest
from gansmith.report.card_lines import groups, heading, instruments
from gansmith.report.facts import RunFacts, score_line
from gansmith.report.sections.choices import schedule_words, value_words
from gansmith.report.sections.data import splits
from gansmith.report.sections.opening import lede
from gansmith.report.words import metric_name, metric_value, plural, span


def write_card(run: Path) -> Path:
    """Write the run's model card from what its folder holds; the card's path.

    Raises: InputError: no run there. WorkError: the disk is full.
    """
    path = RunFolder(Path(run)).card
    write_text(path, card(RunFacts.read(run)))
    return path


def card(facts: RunFacts) -> str:
    """The card as Markdown with a front matter. What a user named (files, classes) is escaped."""
    parts = (_front_matter(facts), f"# {escape(facts.name)}\n\n{escape(lede(facts))}", _picture(facts), _load(facts))
    parts += (_score(facts), _evaluation(facts), _training(facts), _data(facts), _limits(facts))
    return "\n\n".join(filter(None, parts)) + "\n"


def escape(value: Any) -> str:
    """Text that stays text in Markdown, on one line."""
    flat = " ".join(str(value).split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in flat)


def _front_matter(facts: RunFacts) -> str:
    tags = ["gan", "gansmith", "image-generation", str(facts.config.get("recipe") or "image")]
    lines = [
        "---",
        "# Name a licence here before you share this model: yours to choose, within what your data allow.",
        "# license: ...",
        "library_name: gansmith",
        f"pipeline_tag: {'image-to-image' if facts.translates else 'unconditional-image-generation'}",
        "tags:",
        *(f"- {json.dumps(tag)}" for tag in dict.fromkeys(tags)),
        "---",
    ]
    return "\n".join(lines)


def _picture(facts: RunFacts) -> str:
    rows = [row for row in facts.rows.get("samples", []) if (facts.path / str(row.get("file"))).is_file()]
    return f"![pictures that the generator drew, none picked out]({rows[-1]['file']})" if rows else ""


def _load(facts: RunFacts) -> str:
    if facts.translates:
        return (
            "## How to use it\n\n```python\nfrom gansmith import Translator\n\n"
            f"translator = Translator.from_pretrained({json.dumps(facts.name)})  # this folder\n"
            "answer = translator.translate(picture)  # uint8, (height, width, channels), of any size\n```\n\n"
            "Or on the command line: `gansmith translate RUN PICTURES`. The weights are in `generator.safetensors` "
            "(a running average of the translator), the network's description in `config.json`."
        )
    return (
        "## How to use it\n\n```python\nfrom gansmith import Generator\n\n"
        f"generator = Generator.from_pretrained({json.dumps(facts.name)})  # this folder, or its id on a hub\n"
        "images = generator.sample(16, seed=0)  # uint8, (16, height, width, channels)\n```\n\n"
        "Or on the command line: `gansmith sample RUN -n 16`. The weights are in `generator.safetensors` (a running "
        "average of the generator), the network's description in `config.json`."
    )


def _score(facts: RunFacts) -> str:
    final = facts.final
    if final is None:
        return f"## Score\n\nNo final score. So far: {escape(score_line(facts))}."
    rows = ["| metric | value | interval | real against real | pictures |", "|---|---|---|---|---|"]
    floor = final.get("floor") or {}
    for key, metric in (final.get("metrics") or {}).items():
        beside = metric_value(key, floor[key].get("value")) if key in floor else ""
        name = metric_name(key, metric.get("extractor"))
        value = metric_value(key, metric.get("value"))
        rows.append(f"| {name} | {value} | {span(key, metric)} | {beside} | {metric.get('n', '')} |")
    said = escape(final.get("summary") or "")
    how = "Drawn pictures against the test split, which was never trained on or chosen by."
    if facts.translates:
        how = "Translations of held-out pictures, which were never trained on, against the training pictures of B."
    return "\n".join(["## Score", "", how, "", *rows, "", said]).rstrip()


def _evaluation(facts: RunFacts) -> str:
    """The evaluation card that was made last, where there is one."""
    made = newest(facts.path)
    if made is None:
        return ""
    rows = ["| score | generated | 95 % interval | real images | |", "|---|---|---|---|---|"]
    for group in groups(made):
        rows += [f"| {escape(r.label)} | {r.value} | {r.span} | {r.beside} | {r.verdict} |" for r in group.rows]
    notes = [f"- {escape(line)}" for line in (*made["notes"], *instruments(made))]
    head = ["## Evaluation card", "", escape(made["summary"]), "", escape(heading(made)) + ".", ""]
    return "\n".join([*head, *rows, "", *notes])


def _training(facts: RunFacts) -> str:
    rows = ["| choice | value | because |", "|---|---|---|"]
    for name, entry in (facts.config.get("choices") or {}).items():
        value, reason = (entry.get("value"), entry.get("reason", "")) if isinstance(entry, dict) else (entry, "")
        said = schedule_words(value) if name in ("rate", "gamma") else value_words(value)
        rows.append(f"| {escape(name.replace('_', ' '))} | {escape(said)} | {escape(reason)} |")
    made = f"gansmith {escape(facts.config.get('gansmith', ''))}, recipe `{facts.config.get('recipe', 'image')}`"
    if facts.config.get("preset"):
        made += f", preset `{facts.config['preset']}`"
    return "\n".join(["## How it was trained", "", made + ".", "", *rows])


def _data(facts: RunFacts) -> str:
    found = facts.data
    lines = ["## What it was trained on", "", f"Source: {escape(facts.data_name)}."]
    if sizes := splits(found):
        lines.append("Splits: " + ", ".join(f"{escape(name)} {size:,}" for name, size in sizes.items()) + ".")
    classes = found.get("classes")
    if classes:
        lines.append(f"{plural(len(classes), 'class', 'classes')}: {', '.join(map(escape, classes[:50]))}.")
    aside = found.get("set_aside") or []
    if aside:
        lines.append(
            f"{plural(len(aside), 'file')} could not be used and {'was' if len(aside) == 1 else 'were'} set aside."
        )
    rules = found.get("rules") or []
    return "\n".join(lines) + "".join(f"\n- {escape(rule)}" for rule in rules)


def _limits(facts: RunFacts) -> str:
    made, does = newest(facts.path), "makes" if facts.translates else "draws"
    copies = (
        "It was looked at for copies of training pictures, above; that is no guarantee of privacy."
        if made and "copies" in made["metrics"]
        else "It has not been looked at for copies of training pictures (`gansmith evaluate` does); do not share it if "
        "they are private."
    )
    return (
        "## Limits\n\n"
        f"- It {does} what its training pictures look like, with their gaps and their biases, and nothing else.\n"
        f"- {copies}\n"
        "- A score compares only with scores of the same extractor, resolution and number of pictures.\n"
        "- Its pictures carry no mark that says they are generated; say so where you show them."
    )
