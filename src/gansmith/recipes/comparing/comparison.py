"""Compare finished runs, or train what is compared first; both end in one table and one page."""

import datetime
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gansmith
from gansmith.core.errors import InputError, Interrupted
from gansmith.core.progress import Progress
from gansmith.engine.devices import processors
from gansmith.recipes.comparing.asked import Asked, difference
from gansmith.recipes.comparing.budgets import Budgets
from gansmith.recipes.comparing.cases import Case, cases, chosen_rates, ended, trial_result, trials
from gansmith.recipes.comparing.drawing import draw_grids
from gansmith.recipes.comparing.folder import FORMAT, ComparisonFolder, next_folder, unfinished
from gansmith.recipes.comparing.ground import Ground
from gansmith.recipes.comparing.playing import play_beside, play_here
from gansmith.recipes.comparing.reading import read_runs, row_of, rows_of
from gansmith.recipes.comparing.results import results
from gansmith.recipes.comparing.verdict import notes, verdict
from gansmith.report.compared import Comparison, Row
from gansmith.report.comparison import write_page
from gansmith.report.comparison_others import cards
from gansmith.report.facts import RunFacts


def compare_runs(paths: Sequence[Path], out: Path | None = None) -> Comparison:
    """Finished runs in one table; nothing is trained.

    Raises: InputError: runs that do not compare, or a folder that holds something else.
    """
    runs = read_runs(paths)
    folder = ComparisonFolder(Path(out)) if out else next_folder(re.sub(r"[^\w.-]+", "-", runs[0].data_name))
    if "presets" in folder.read().get("asked", {}):
        raise InputError(f"{folder.path} holds a comparison that was trained; choose another --out")
    record = _new_record({"runs": [str(path) for path in paths]})
    return _write(folder, record, rows_of(runs))


def compare(
    asked: Asked | None,
    out: Path | None = None,
    *,
    workers: int = 1,
    progress: Progress | None = None,
    after: Callable[[ComparisonFolder, str], None] | None = None,
) -> Comparison:
    """Train every method with every seed, or go on where an earlier call of the same stopped; then compare.

    Args:
        asked: None goes on with what ``out`` was begun with.
        out: the folder; when None, that of an unfinished comparison of the same, else ``comparisons/DATA-NNN``.
        workers: runs at a time.
        after: told of the folder, and where in it a run lies, after each run that came to its end.
    Raises:
        InputError: what cannot be compared, other arguments than the folder was begun with, or another call at work.
        WorkError: a full disk; what is there is kept.
        Interrupted: after Ctrl-C; everything is saved.
    """
    progress = progress or Progress()
    if not workers > 0:
        raise InputError(f"--workers must be above 0, not {workers}")
    folder = ComparisonFolder(Path(out)) if out else unfinished(asked.to_json()) if asked else None
    asked = _agreed(asked, folder)
    if folder and not out:
        progress.message(f"Going on with what was begun in {folder.path}.")
    ground = Ground.of(asked, progress)
    folder = folder or next_folder(ground.prepared.name)
    with folder.held() as lock:
        try:
            _agreed(asked, folder)  # again, since another call may have begun or ended here meanwhile
            record = folder.read() or _new_record(asked.to_json())
            play = _Play(ground, folder, record, workers, lock, after or _nobody, progress)
            return _write(folder, record, play.to_the_end())
        except KeyboardInterrupt as error:
            raise Interrupted(f"saved; go on with: gansmith compare --out {folder.path}") from error


class _Play:
    """From what the record already holds to the end; every step is written down as it is done."""

    def __init__(
        self,
        ground: Ground,
        folder: ComparisonFolder,
        record: dict[str, Any],
        workers: int,
        lock: int | None,
        after: Callable[[ComparisonFolder, str], None],
        progress: Progress,
    ):
        self.ground, self.asked, self.folder, self.record = ground, ground.asked, folder, record
        self.workers, self.lock, self.after, self.progress = workers, lock, after, progress

    def to_the_end(self) -> list[Row]:
        """The rows of the table."""
        plan = self._plan()
        self._trials(plan)
        rates = self.record["rates"]
        every = cases(self.asked, plan, rates)
        self._play(plan, self._waiting(every))
        runs = {name: [] for name in self.asked.presets}
        for case in every:
            runs[case.method.name].append(RunFacts.read(self.folder.path / case.place))
        return [row_of(name, found) for name, found in runs.items()]

    def _plan(self) -> dict[str, Any]:
        """Networks and budgets, fixed once."""
        fingerprint = self.ground.prepared.fingerprint
        if self.record.get("plan", {"fingerprint": fingerprint})["fingerprint"] != fingerprint:
            raise InputError(
                f"{self.folder.path} was begun on other data (or they have changed); go on with the same images, "
                "or choose another --out"
            )
        self.record["asked"] = self.asked.to_json()  # the data may lie elsewhere than they did
        self.folder.write(self.record)
        if "plan" not in self.record:
            threads = self.asked.threads or max(1, processors() // self.workers)
            plan = {"fingerprint": fingerprint, "shared": self.ground.shared, "threads": threads}
            plan |= Budgets(self.ground, threads, self.progress).to_json()
            self.record |= {"plan": plan, "trials": {name: [] for name in self.asked.presets}}
            self.folder.write(self.record)
        return self.record["plan"]

    def _trials(self, plan: dict[str, Any]) -> None:
        """Each method's rate, by trials of equal cost on the choose split."""
        if "rates" in self.record:
            return
        tried = self.record["trials"]
        known = {(name, trial["rate"]) for name, found in tried.items() for trial in found}
        waiting = [case for case in trials(self.asked, plan) if (case.method.name, case.rate) not in known]
        self._play(plan, waiting, later=sum(case.cost for case in self._waiting(cases(self.asked, plan, {}))))
        self.record["rates"] = chosen_rates(self.asked, tried)
        self.folder.write(self.record)

    def _waiting(self, every: list[Case]) -> list[Case]:
        return [case for case in every if not ended(self.folder.path / case.place)]

    def _play(self, plan: dict[str, Any], waiting: list[Case], later: float = 0.0) -> None:
        todo = (plan, self.folder, waiting, later, self._ended, self.progress)
        if waiting and self.workers == 1:
            play_here(self.ground, *todo)
        elif waiting:
            play_beside(*todo, workers=self.workers, lock=self.lock)

    def _ended(self, case: Case) -> None:
        if case.trial:
            self.record["trials"][case.method.name].append(trial_result(case, self.folder.path))
            self.folder.write(self.record)
        self.after(self.folder, case.place)


def _nobody(folder: ComparisonFolder, place: str) -> None:
    """Who is told of each run where nobody asked to be."""


def _agreed(asked: Asked | None, folder: ComparisonFolder | None) -> Asked:
    """What is done: the new request, or that of the folder where nothing new is asked.

    Raises: InputError: when both are there and differ, or neither is.
    """
    begun = (folder.read().get("asked") if folder else None) or {}
    path = folder.path if folder else "this place"
    if begun.get("runs"):
        raise InputError(f"{path} holds a comparison of finished runs; choose another --out")
    if asked is None:
        if not begun:
            raise InputError(f"nothing was begun in {path}; say what to compare: --data DATA --presets modern,wgan-gp")
        return Asked.from_json(begun)
    asked.refuse()
    if begun and (other := difference(asked, begun)):
        raise InputError(
            f"{path} was begun with other arguments ({other}); leave them out to go on, or choose another --out"
        )
    return Asked.from_json(asked.to_json())


def _new_record(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "gansmith": gansmith.__version__,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "asked": asked,
    }


def _write(folder: ComparisonFolder, record: dict[str, Any], rows: list[Row]) -> Comparison:
    """comparison.png, comparison.html, and comparison.json, whose results say that all is there."""
    found = results(rows)
    said = {"verdict": verdict(found), "notes": notes(rows, record), "cards": cards(rows)}
    record |= {"results": found | said}
    comparison = Comparison(folder.path, record, rows, draw_grids(rows, folder))
    write_page(folder.page, comparison)
    folder.write(record)
    return comparison
