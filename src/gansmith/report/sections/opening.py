"""What was trained, whether it is done, and how good it is, before anything else."""

from pathlib import Path
from typing import Any

from gansmith.report.facts import RunFacts
from gansmith.report.markup import text
from gansmith.report.sections.data import splits
from gansmith.report.words import (
    METRIC_MEANINGS,
    METRIC_NAMES,
    clock,
    colour_words,
    duration,
    metric_name,
    metric_value,
    plural,
    short,
    size_words,
    span,
)


def opening(facts: RunFacts) -> str:
    """The title, one sentence about the run, and its headline numbers."""
    made = " · ".join(filter(None, ("gansmith", facts.config.get("recipe"), facts.config.get("preset"))))
    return (
        f'<header class="opening"><p class="made">{text(made)}</p><h1>{text(facts.name)}</h1>'
        f'<p class="lede">{text(lede(facts))}</p>{_tiles(facts)}{_caution(facts)}</header>'
    )


def lede(facts: RunFacts) -> str:
    """One plain sentence: what it draws, from what, for how long."""
    data = facts.data
    said = []
    if facts.translates:
        said.append(
            f"Translates pictures of any size; trained at {size_words(data.get('resolution'))} "
            f"on {plural(splits(data).get('train', 0), 'picture')}: {facts.data_name} to {_second(facts)}."
        )
    elif data.get("resolution"):
        said.append(f"Draws {colour_words(data.get('channels'))} pictures of {size_words(data['resolution'])}.")
    pictures = splits(data).get("train")
    if pictures and not facts.translates:
        said.append(f"Trained on {plural(pictures, 'picture')} from {facts.data_name}.")
    if facts.images_seen:
        said.append(f"{short(facts.images_seen)} images seen in {duration(facts.seconds)}.")
    return " ".join(filter(None, [*said, status(facts)]))


def _second(facts: RunFacts) -> str:
    """What it translates to: the second folder, or what the recipe mends."""
    source = facts.config.get("source_b")
    return Path(str(source)).name if source else f"what {facts.config.get('recipe')} makes of them"


def status(facts: RunFacts) -> str:
    """Whether the run is done; nothing when it is."""
    if facts.final is not None:
        return ""
    if not facts.rows.get("train"):
        return "Training has only just begun."
    budget = facts.choice("images")
    if isinstance(budget, (int, float)) and budget > 0 and facts.images_seen < budget:
        return f"It stands at {facts.images_seen / budget:.0%} of its budget: running, or interrupted."
    return "It has not been scored against the test split."


def _tiles(facts: RunFacts) -> str:
    tiles = _final_tiles(facts) if facts.final else _running_tiles(facts)
    tiles.append(_tile("time", clock(facts.seconds), [], "of training, scores on the way included"))
    tiles.append(_tile("images seen", short(facts.images_seen), [], "real pictures shown, repeats counted"))
    return f'<dl class="tiles">{"".join(tiles)}</dl>'


def _final_tiles(facts: RunFacts) -> list[str]:
    final: dict[str, Any] = facts.final or {}
    metrics, floor = final.get("metrics") or {}, final.get("floor") or {}
    leads = final.get("leads")
    keys = sorted((key for key in METRIC_NAMES if key in metrics), key=lambda key: key != leads)
    unchanged = final.get("unchanged") or {}
    notes = {
        key: f"unchanged input: {metric_value(key, unchanged[key].get('value'))}" for key in keys if key in unchanged
    }
    return [_metric_tile(key, metrics[key], floor.get(key), key == leads, notes.get(key, "")) for key in keys]


def _metric_tile(key: str, metric: dict[str, Any], floor: dict[str, Any] | None, leads: bool, note: str = "") -> str:
    beside = [span(key, metric), note, f"{metric_value(key, floor.get('value'))} real against real" if floor else ""]
    name = metric_name(key, metric.get("extractor"))
    return _tile(name, metric_value(key, metric.get("value")), beside, METRIC_MEANINGS[key], leads)


def _running_tiles(facts: RunFacts) -> list[str]:
    row = facts.best or {}
    return [
        _metric_tile(key, {"value": row[key], "extractor": row.get("extractor")}, None, False, "choose split, so far")
        for key in METRIC_NAMES
        if row.get(key) is not None
    ]


def _tile(name: str, value: str, beside: list[str], meaning: str, leads: bool = False) -> str:
    lines = "".join(f"<span>{text(line)}</span>" for line in beside if line)
    return (
        f'<div class="tile{" leads" if leads else ""}"><dt>{text(name)}</dt><dd><strong>{text(value)}</strong>'
        f"{lines}<small>{text(meaning)}</small></dd></div>"
    )


def _caution(facts: RunFacts) -> str:
    """What a reader must know before quoting a number."""
    said = _unscored(facts)
    if facts.final is not None:
        said = str(facts.final.get("summary") or "")
    return f'<p class="caution">{text(said)}</p>' if said else ""


def _unscored(facts: RunFacts) -> str:
    """Why there is no score, where there is none."""
    if facts.rows.get("score"):
        return ""
    if facts.choice("score"):
        return "The first score is still to come."
    return "This run has no score (install gansmith[start] to have one); the last generator is the one that is kept."
