"""A symptom: what it reads, how it is seen, and of what else it is the cause."""

from collections.abc import Callable
from dataclasses import dataclass

from gansmith.diagnostics.finding import Sign
from gansmith.diagnostics.record import Record


@dataclass(frozen=True)
class Cure:
    """What a guard does about a symptom.

    Attributes:
        lever: "rate", "gamma", "augment" or "average".
        factor: the lever's value is multiplied by it; a probability has it added.
        back: whether the last healthy weights are taken up as well.
    """

    lever: str
    factor: float
    back: bool = False


@dataclass(frozen=True)
class Symptom:
    """One thing that goes wrong.

    Attributes:
        look: what it sees in a record that has all it reads; None: nothing.
        reads: signals without which it cannot be judged, such as "probe.caught".
        explains: symptoms that follow from it, which are then named after it.
        lasts: the share of the budget for which it must be seen without a break before it is told.
        applies: whether a record could have it at all.
        cure: what a guard does about it; None: nothing that could be done while it runs.
        fatal: whether a training that keeps it is not worth its time.
    """

    look: Callable[[Record], Sign | None]
    reads: tuple[str, ...]
    explains: tuple[str, ...] = ()
    lasts: float = 0.0
    applies: Callable[[Record], bool] = lambda record: True
    cure: Cure | None = None
    fatal: bool = False


def with_labels(record: Record) -> bool:
    """Whether classes are learned."""
    return bool(record.facts.get("classes"))


def of_pictures(record: Record) -> bool:
    """Whether it is about images, not points."""
    return bool(record.facts.get("resolution"))


def of_translations(record: Record) -> bool:
    """Whether it makes pictures of pictures."""
    return bool(record.facts.get("given"))
