"""Finished runs, read and put in rows: one protocol, or a refusal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.files import read_jsonl
from gansmith.core.runfolder import RunFolder
from gansmith.report.compared import Row
from gansmith.report.facts import RunFacts
from gansmith.report.sections.choices import value_words

FOLLOWING = ("rate", "augment")  # what may follow the budget where nobody asked for it
DEFAULT = "modern"  # what the image game is played as without a preset
CIRCUMSTANCES = ("seed", "images", "threads", "device", "tensorboard", "score", "final_score")
SAME_BUDGET = 1.1  # paces differ from hour to hour; runs of equal minutes are seeds of one method
PROTOCOL = ("extractor", "checksum", "resize", "n", "n_real", "split")


def read_runs(paths: Sequence[Path]) -> list[RunFacts]:
    """Runs that can stand in one table, each once; those that became NaN among them.

    Raises: InputError: fewer than two, one that is not finished, or two that were scored differently.
    """
    different: dict[Path, Path] = {}
    for path in paths:
        different.setdefault(path.resolve(), path)
    if len(different) < 2:
        raise InputError("one run alone compares with nothing; name two or more run folders")
    runs = [RunFacts.read(path) for path in different.values()]
    finished = [run for run in runs if not diverged(run.path)]
    for run in runs:
        _refuse_other_data(run, runs[0])
    for run in finished:
        _refuse_other_protocol(run, finished[0])
    return runs


def diverged(run: Path) -> bool:
    """Whether a run became NaN, and so has no final score and never will."""
    folder = RunFolder(run)
    return not folder.rows("final") and any(row.get("symptom") == "nan" for row in read_jsonl(folder.diagnosis))


def _refuse_other_data(run: RunFacts, first: RunFacts) -> None:
    if run.config.get("fingerprint") != first.config.get("fingerprint"):
        raise InputError(
            f"{run.path} was trained on other data than {first.path} ({run.data_name}, {first.data_name}, or read "
            "differently), so their scores do not compare; name runs on the same data"
        )


def _refuse_other_protocol(run: RunFacts, first: RunFacts) -> None:
    if not protocol(run):
        raise InputError(f"{run.path} has no final score; finish it with: gansmith train --resume {run.path}")
    for name in PROTOCOL:
        if protocol(run)[name] != protocol(first)[name]:
            raise InputError(
                f"{run.path} was scored with another {name.replace('_', ' ')} than {first.path} "
                f"({protocol(run)[name]}, not {protocol(first)[name]}); train one of them again"
            )


def protocol(run: RunFacts) -> dict[str, Any]:
    """What the final score was measured with; {} without one."""
    final = run.final or {}
    lead = (final.get("metrics") or {}).get(final.get("leads"))
    return {name: lead.get(name) for name in PROTOCOL} if lead else {}


def rows_of(runs: Sequence[RunFacts]) -> list[Row]:
    """Runs that differ in nothing but the seed share a row. Each row's name says what sets it apart."""
    found: list[list[RunFacts]] = []
    for run in runs:
        same = next((row for row in found if _same_method(run, row)), None)
        found.append([run]) if same is None else same.append(run)
    return [row_of(name, row) for name, row in zip(_names(found), found, strict=True)]


def row_of(name: str, runs: Sequence[RunFacts]) -> Row:
    """One row of the table, its finished runs apart from those that became NaN."""
    row = Row(name, [])
    for run in runs:
        (row.diverged if diverged(run.path) else row.runs).append(run)
    return row


def _same_method(run: RunFacts, row: Sequence[RunFacts]) -> bool:
    if any(run.choice("seed") == other.choice("seed") for other in row):
        return False
    budgets = [budget(other) for other in (*row, run)]
    return max(budgets) <= SAME_BUDGET * min(budgets) and not _apart_in(run, row[0])


def _apart_in(run: RunFacts, other: RunFacts) -> list[str]:
    """The names of what makes two runs different methods; not what followed the budget by itself in both."""
    one, two = _chosen(run), _chosen(other)
    followed = [name for name in FOLLOWING if not (_asked_for(run, name) or _asked_for(other, name))]
    return [name for name in one | two if one.get(name) != two.get(name) and name not in followed]


def _asked_for(run: RunFacts, name: str) -> bool:
    return ((run.config.get("choices") or {}).get(name) or {}).get("reason") == "asked for"


def budget(run: RunFacts) -> int:
    """The images that a run was given; what it saw is rounded up to whole batches."""
    return int(run.choice("images") or run.images_seen)


def _chosen(run: RunFacts) -> dict[str, Any]:
    """What makes the method: recipe, preset, and every choice that is none of the circumstances."""
    named = {name: run.choice(name) for name in run.config.get("choices") or {} if name not in CIRCUMSTANCES}
    begun = {name: run.config.get(name) for name in ("recipe", "started_from")}
    return begun | {"preset": run.config.get("preset") or DEFAULT} | named


def usual_name(run: RunFacts) -> str:
    """The preset's name, else the recipe's; the default's where the image game was left to itself."""
    recipe = str(run.config.get("recipe") or "image")
    return str(run.config.get("preset") or (DEFAULT if recipe == "image" else recipe))


def _names(rows: Sequence[Sequence[RunFacts]]) -> list[str]:
    usual = [usual_name(row[0]) for row in rows]
    names = []
    for row, name in zip(rows, usual, strict=True):
        alike = [other[0] for other, theirs in zip(rows, usual, strict=True) if theirs == name]
        names.append(f"{name} ({_apart(row[0], alike)})" if len(alike) > 1 else name)
    for found in (names, [row[0].name for row in rows]):
        if len(set(found)) == len(found):
            return found
    return [str(row[0].path) for row in rows]


def _apart(run: RunFacts, alike: Sequence[RunFacts]) -> str:
    """What one of several runs of one name has of its own: at most two choices, else the folder's name."""
    mine = {**_chosen(run), "images": budget(run)}
    differing = list(dict.fromkeys(name for other in alike for name in _apart_in(run, other)))
    differing += ["images"] if any(budget(other) != budget(run) for other in alike) else []
    if not 0 < len(differing) <= 2:
        return run.name
    return ", ".join(f"{name.replace('_', ' ')} {value_words(_first(mine.get(name)))}" for name in differing)


def _first(value: Any) -> Any:
    """A schedule's start."""
    return value[0] if isinstance(value, list) and value else value
