"""Finished runs, read and put in rows: one protocol, or a refusal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.report.compared import Row
from gansmith.report.facts import RunFacts
from gansmith.report.sections.choices import value_words

CIRCUMSTANCES = ("seed", "images", "threads", "device", "precision", "tensorboard", "score", "final_score")
SAME_BUDGET = 1.1  # paces differ from hour to hour; runs of equal minutes are seeds of one method
PROTOCOL = ("extractor", "checksum", "resize", "n", "n_real", "split")


def read_runs(paths: Sequence[Path]) -> list[RunFacts]:
    """Runs that can stand in one table.

    Raises: InputError: fewer than two, one that is not finished, or two that were scored differently.
    """
    if len({path.resolve() for path in paths}) < 2:
        raise InputError("one run alone compares with nothing; name two or more run folders")
    runs = [RunFacts.read(path) for path in dict.fromkeys(paths)]
    for run in runs:
        _refuse(run, runs[0])
    return runs


def _refuse(run: RunFacts, first: RunFacts) -> None:
    if run.final is None or not run.final.get("metrics"):
        raise InputError(f"{run.path} has no final score; finish it with: gansmith train --resume {run.path}")
    if run.config.get("fingerprint") != first.config.get("fingerprint"):
        raise InputError(
            f"{run.path} was trained on other data than {first.path} ({run.data_name}, {first.data_name}, or read "
            "differently), so their scores do not compare; name runs on the same data"
        )
    for name in PROTOCOL:
        if protocol(run)[name] != protocol(first)[name]:
            raise InputError(
                f"{run.path} was scored with another {name.replace('_', ' ')} than {first.path} "
                f"({protocol(run)[name]}, not {protocol(first)[name]}); train one of them again"
            )


def protocol(run: RunFacts) -> dict[str, Any]:
    """What the final score was measured with."""
    final = run.final or {}
    lead = final["metrics"][final["leads"]]
    return {name: lead.get(name) for name in PROTOCOL}


def rows_of(runs: Sequence[RunFacts]) -> list[Row]:
    """Runs that differ in nothing but the seed share a row. Each row's name says what sets it apart."""
    found: list[list[RunFacts]] = []
    for run in runs:
        same = next((row for row in found if _same_method(run, row)), None)
        found.append([run]) if same is None else same.append(run)
    return [Row(name, row) for name, row in zip(_names(found), found, strict=True)]


def _same_method(run: RunFacts, row: Sequence[RunFacts]) -> bool:
    if any(run.choice("seed") == other.choice("seed") for other in row) or _chosen(run) != _chosen(row[0]):
        return False
    budgets = [budget(other) for other in (*row, run)]
    return max(budgets) <= SAME_BUDGET * min(budgets)


def budget(run: RunFacts) -> int:
    """The images that a run was given; what it saw is rounded up to whole batches."""
    return int(run.choice("images") or run.images_seen)


def _chosen(run: RunFacts) -> dict[str, Any]:
    """What makes the method: recipe, preset, and every choice that is none of the circumstances."""
    named = {name: run.choice(name) for name in run.config.get("choices") or {} if name not in CIRCUMSTANCES}
    begun = {name: run.config.get(name) for name in ("recipe", "preset", "started_from")}
    return {**begun, **named}


def usual_name(run: RunFacts) -> str:
    """The preset's name, else the recipe's; the default's where the image game was left to itself."""
    recipe = str(run.config.get("recipe") or "image")
    return str(run.config.get("preset") or ("modern" if recipe == "image" else recipe))


def _names(rows: Sequence[Sequence[RunFacts]]) -> list[str]:
    usual = [usual_name(row[0]) for row in rows]
    names = []
    for row, name in zip(rows, usual, strict=True):
        alike = [other[0] for other, theirs in zip(rows, usual, strict=True) if theirs == name]
        names.append(f"{name} ({_apart(row[0], alike)})" if len(alike) > 1 else name)
    return names if len(set(names)) == len(names) else [row[0].name for row in rows]


def _apart(run: RunFacts, alike: Sequence[RunFacts]) -> str:
    """What one of several runs of one name has of its own: at most two choices, else the folder's name."""
    mine, *others = ({**_chosen(each), "images": budget(each)} for each in (run, *alike))
    differing = [name for name in mine if any(other.get(name) != mine[name] for other in others)]
    if not 0 < len(differing) <= 2:
        return run.name
    return ", ".join(f"{name.replace('_', ' ')} {value_words(_first(mine[name]))}" for name in differing)


def _first(value: Any) -> Any:
    """A schedule's start."""
    return value[0] if isinstance(value, list) and value else value
