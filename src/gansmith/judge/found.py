"""What people found about a run, for its card and for comparisons.

Whenever a study's results are written, each run that took part gets a copy, ``RUN/judge/STUDY.json``. So a run folder
holds what is known about it, wherever it is moved, and reading it takes neither the study nor a web package.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gansmith.core.files import read_json, write_json
from gansmith.core.runfolder import RunFolder
from gansmith.judge.results import FORMAT
from gansmith.judge.study import Study
from gansmith.judge.weights import hash_of_run

FOLDER = "judge"


def studies_of(run: Path) -> list[dict[str, Any]]:
    """The studies about a run, the oldest first: each is a results.json (docs/judge.md lists the keys), and in it

    ``name`` (of the run in this study), ``score`` (its own, None without votes that count), ``current`` (whether the
    run still has the weights that were judged) and ``folder`` (of the study, when the results were written).
    Check: a run that nobody judged gives [].
    """
    now, found = None, []
    for file in sorted((Path(run) / FOLDER).glob("*.json")):
        told = _read(file)
        if told is not None:
            now = now or hash_of_run(Path(run))
            score = told["scores"].get(told["name"])
            current = told.pop("judged") == now
            found.append({**told, "score": score, "current": current})
    return sorted(found, key=lambda told: (told["created"], told["study"]))


def studies_between(runs: Sequence[Path]) -> list[dict[str, Any]]:
    """The studies in which two or more of these runs took part with the weights they still have.

    Each is a results.json with ``names`` in it: for each of the runs its name in the study, None where it was absent.
    """
    met: dict[str, dict[str, Any]] = {}
    for place, run in enumerate(runs):
        for told in studies_of(run):
            name, current, _ = told.pop("name"), told.pop("current"), told.pop("score")
            shared = met.setdefault(told["study"], {**told, "names": [None] * len(runs)})
            if current:
                shared["names"][place] = name
    return [told for told in met.values() if len(runs) - told["names"].count(None) > 1]


def leave_with_runs(study: Study, told: dict[str, Any]) -> list[Path]:
    """Give each run that took part, and still has the weights that did, its copy of the results; the files.

    A study from elsewhere names folders that are somebody else's here, so the weights have to match.
    Raises: WorkError: a run's folder cannot be written.
    """
    written = []
    for contender in study.contenders:
        run = RunFolder(study.path / contender["folder"])
        if contender["folder"] and run.config.is_file() and hash_of_run(run.path) == contender["fingerprint"]:
            written.append(run.path / FOLDER / f"{study.id}.json")
            write_json(written[-1], {**told, "name": contender["name"], "folder": str(study.path.resolve())})
    return written


def _read(file: Path) -> dict[str, Any] | None:
    """A copy of results; None for anything else, since a card does not fail over what lies beside it."""
    try:
        told = read_json(file)
        if told["format"] > FORMAT:
            return None
        (judged,) = (one["fingerprint"] for one in told["contenders"] if one["name"] == told["name"])
        whole = all(isinstance(told[key], str) for key in ("study", "title", "created", "summary"))
        return {**told, "judged": judged} if whole and isinstance(told["scores"], dict) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
