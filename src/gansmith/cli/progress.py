"""Progress a person can watch: a bar on a terminal, a plain line now and then anywhere else."""

import sys
import time
from types import TracebackType

from gansmith.core.progress import Progress
from gansmith.report.words import clock

PLAIN_EVERY_SECONDS = 10.0


class LiveProgress(Progress):
    """Shows long work on stderr, so that stdout stays free for results. Use it as a context manager."""

    def __init__(self) -> None:
        self._bar = _TerminalBar() if sys.stderr.isatty() else _PlainBar()

    def __enter__(self) -> "LiveProgress":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.finish()

    def message(self, text: str) -> None:
        self._bar.message(text)

    def start(self, title: str, total: float | None = None) -> None:
        self._bar.finish()
        self._bar.start(title, total)

    def advance(self, done: float, detail: str = "") -> None:
        self._bar.advance(done, detail)

    def finish(self) -> None:
        self._bar.finish()


class _TerminalBar:
    """A rich bar: share done, time spent, time left, and one detail."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._live = None

    def message(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    def start(self, title: str, total: float | None) -> None:
        from rich import progress

        self._live = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(bar_width=24),
            progress.TaskProgressColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("left"),
            progress.TimeRemainingColumn(),
            progress.TextColumn("{task.fields[detail]}", markup=False),
            console=self._console,
            refresh_per_second=2,
        )
        self._task = self._live.add_task(title, total=total, detail="")
        self._live.start()

    def advance(self, done: float, detail: str) -> None:
        if self._live is not None:
            self._live.update(self._task, completed=done, detail=detail)

    def finish(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


class _PlainBar:
    """One line at the start, one at most every ten seconds, one at the end: for logs and pipes."""

    def __init__(self) -> None:
        self._title = ""
        self._last = ""

    def message(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def start(self, title: str, total: float | None) -> None:
        self._title, self._total, self._last = title, total, ""
        self._began = self._said = time.monotonic()
        self.message(title)

    def advance(self, done: float, detail: str) -> None:
        now = time.monotonic()
        self._last = self._line(done, detail, now - self._began)
        if now - self._said >= PLAIN_EVERY_SECONDS:
            self._said = now
            self.message(self._last)
            self._last = ""

    def finish(self) -> None:
        if self._last:
            self.message(self._last)
        self._title = self._last = ""

    def _line(self, done: float, detail: str, elapsed: float) -> str:
        parts = [self._title]
        if self._total:
            share = min(done / self._total, 1.0)
            parts.append(f"{share:.0%}")
            if 0 < share < 1:
                parts.append(f"{clock(elapsed * (1 - share) / share)} left")
        parts.append(f"{clock(elapsed)} spent")
        return ", ".join([*parts, detail] if detail else parts)
