"""Case after case, in this process or in several, with an estimate of what is left."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import IO

from gansmith.core.errors import InputError, WorkError
from gansmith.core.progress import Progress
from gansmith.core.runfolder import RunFolder
from gansmith.recipes.comparing.cases import Case, play
from gansmith.recipes.comparing.folder import ComparisonFolder
from gansmith.recipes.comparing.ground import Ground
from gansmith.report.words import clock, plural

LOOK_EVERY_SECONDS = 1.0
ENOUGH_SEEN = 0.1  # of one case, before its pace says more than the plan's


class Overall(Progress):
    """Passes on what one case says, with the case's place among all and the time left.

    Args:
        inner: the listener.
        waiting: the cases to come.
        later: those after them, in budgets of one run.
        budget_seconds: of one run, where that is known.
    """

    def __init__(self, inner: Progress, waiting: Sequence[Case], later: float, budget_seconds: float | None):
        self.inner, self.waiting, self.budget_seconds = inner, waiting, budget_seconds
        self.total = sum(case.cost for case in waiting) + later
        self.done, self.gone_on, self.number, self._began = 0.0, 0.0, 0, time.perf_counter()
        self._share, self._first, self._of = 0.0, None, None

    def begin(self, case: Case) -> None:
        """A case begins; those before it are over."""
        self.number += 1
        self._share, self._first = 0.0, None
        self.inner.message(
            ", ".join(filter(None, (f"Run {self.number} of {len(self.waiting)}: {case.words}", self._left())))
        )

    def end(self, case: Case) -> None:
        """A case is over."""
        self.done, self._share = self.done + case.cost, 0.0
        self.gone_on += (self._first or 0.0) * case.cost

    def message(self, text: str) -> None:
        self.inner.message(text)

    def start(self, title: str, total: float | None = None) -> None:
        self._of = total if title == "training" else None
        case = self.waiting[self.number - 1]
        self.inner.start(f"{self.number}/{len(self.waiting)} {case.words}: {title}", total)

    def advance(self, done: float, detail: str = "") -> None:
        if self._of:
            self._share = done / self._of
            self._first = self._share if self._first is None else self._first  # it goes on from there
        self.inner.advance(done, ", ".join(filter(None, (detail, self._left()))))

    def finish(self) -> None:
        self.inner.finish()

    def _left(self) -> str:
        cost = self.waiting[self.number - 1].cost
        seen = self.done + self._share * cost
        played = seen - self.gone_on - (self._first or 0.0) * cost
        if played >= ENOUGH_SEEN:
            seconds = (time.perf_counter() - self._began) / played
        elif self.budget_seconds:
            seconds = self.budget_seconds
        else:
            return ""
        return f"about {clock((self.total - seen) * seconds)} left in all"


def play_here(
    ground: Ground,
    plan: dict,
    folder: ComparisonFolder,
    waiting: Sequence[Case],
    later: float,
    after: Callable[[Case], None],
    progress: Progress,
) -> None:
    """One case after the other. Raises: as ``play``."""
    minutes = ground.asked.budget_minutes
    overall = Overall(progress, waiting, later, minutes * 60 if minutes else None)
    for case in waiting:
        overall.begin(case)
        play(case, ground.asked, plan, folder.path, overall)
        overall.end(case)
        after(case)


class Workers:
    """Several cases at a time, each in a process of its own with the plan's threads.

    The processes are no part of this one's group: Ctrl-C reaches this one alone, which asks each of
    them once to save and stop. One that loses its parent stops by itself.

    Args:
        folder: of the comparison; they read what to do there.
        lock: the folder's, kept open by each of them; None where there is none.
    """

    def __init__(self, folder: ComparisonFolder, lock: int | None, threads: int):
        self.folder, self.lock, self.threads = folder, lock, threads
        self.running: dict[Case, subprocess.Popen[bytes]] = {}
        self.said: dict[Case, IO[str]] = {}

    def start(self, case: Case) -> None:
        """Play a case in a new process."""
        words = (str(self.folder.path), case.place, str(os.getpid()))
        # A pipe that nobody reads would fill up; the file is closed when the process has ended.
        self.said[case] = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self.running[case] = subprocess.Popen(
            [sys.executable, "-m", "gansmith.recipes.comparing.worker", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.said[case],
            env=os.environ | {"OMP_NUM_THREADS": str(self.threads)},
            start_new_session=True,
            pass_fds=() if self.lock is None else (self.lock,),
        )

    def ended(self) -> list[Case]:
        """The cases that are over, taken out of the running ones.

        Raises: InputError, WorkError: with what a process said last, when it failed.
        """
        over = [case for case, process in self.running.items() if process.poll() is not None]
        for case in over:
            code = self.running.pop(case).returncode
            with self.said.pop(case) as file:
                said = _last_line(file) or f"{case.words} ended with code {code}"
            if code:
                raise (InputError if code == 2 else WorkError)(said)
        return over

    def stop(self) -> None:
        """Ask every process to save and end, and wait for it."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait()


def play_beside(
    plan: dict,
    folder: ComparisonFolder,
    waiting: Sequence[Case],
    later: float,
    after: Callable[[Case], None],
    progress: Progress,
    *,
    workers: int,
    lock: int | None,
) -> None:
    """Several cases at a time. Raises: InputError, WorkError: when one failed; the others have saved."""
    left, total, done = list(waiting), sum(case.cost for case in waiting), 0.0
    beside = Workers(folder, lock, plan["threads"])
    progress.start(f"{plural(len(left), 'trial' if left[0].trial else 'run')}, {workers} at a time", total + later)
    try:
        while left or beside.running:
            while left and len(beside.running) < workers:
                beside.start(left.pop(0))
            time.sleep(LOOK_EVERY_SECONDS)
            for case in beside.ended():
                done += case.cost
                after(case)
            now = done + sum(case.cost * _share_played(folder, case) for case in beside.running)
            progress.advance(now, "; ".join(case.words for case in beside.running))
    finally:
        beside.stop()
        progress.finish()


def _share_played(folder: ComparisonFolder, case: Case) -> float:
    rows = RunFolder(folder.path / case.place).rows()
    return min(1.0, (rows[-1].get("images") or 0) / case.images) if rows else 0.0


def _last_line(file: IO[str]) -> str:
    file.seek(0)
    lines = file.read().strip().splitlines()
    return lines[-1] if lines else ""
