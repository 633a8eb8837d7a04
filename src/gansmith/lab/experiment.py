"""What an experiment is given, what it gives back, and what the page says around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gansmith.core.progress import Progress
from gansmith.lab.rows import Row


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where and how an experiment is made.

    Attributes:
        seed: from which all draws follow.
        minutes: a budget for those that train long; None for their own number of steps.
        out: the lab's folder, for what is kept from one call to the next.
        progress: the listener.
    """

    seed: int = 0
    minutes: float | None = None
    out: Path = Path("lab")
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True)
class Outcome:
    """What an experiment found.

    Attributes:
        rows: theory beside measurement.
        figures: ready markup, from ``lab.drawing`` or ``report.charts``.
    """

    rows: Sequence[Row]
    figures: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment.

    Attributes:
        play: from the setting to the outcome.
        chapter: its place on the page.
        title: the chapter's heading.
        lead: one sentence beside it.
        words: what happens and why, in plain words: one paragraph an item.
        long: whether it takes minutes, and so is made on request only.
    """

    play: Callable[[Setting], Outcome]
    chapter: int
    title: str
    lead: str
    words: Sequence[str]
    long: bool = False
