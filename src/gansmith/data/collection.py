"""What a place holds: pictures in a fixed order, their labels and splits, and what was set aside."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gansmith.core.progress import Progress
from gansmith.data.plan import Plan

SPLITS = ("train", "choose", "test")


class RefusedError(ValueError):
    """One file cannot be used; the message is the reason, in words. The work goes on without it."""


class UnreadableError(RefusedError):
    """The file could not even be read, for a reason that may pass; it is tried again the next time."""


@dataclass
class Collection(ABC):
    """Pictures before they are prepared; each kind of place is one subclass.

    Attributes:
        name: short, for the run folder.
        names: one a picture, unique, such as the path inside the folder.
        key: hash of everything that the pictures show, so that equal content is prepared once.
        sizes: (width, height) as shown -> how many pictures have it.
        modes: Pillow mode -> how many pictures have it.
        labels: class name of each picture, or None when there are none.
        brought: "train", "choose", "test" or None for each picture; None when the data bring no split.
        classes: the class names in order; [] when there are no labels.
        set_aside: (file, reason) of all that is not used.
        rules: what was decided about this place, in words.
        facts: JSON-able extras for the report, such as how many files were animated.
        attributes: filled by ``pictures`` where known: one JSON-able row a picture.
        alike_by: the channels by which pictures count as alike, and then share a split.
    """

    name: str
    names: list[str]
    key: str
    sizes: Counter[tuple[int, int]]
    modes: Counter[str]
    labels: Sequence[str] | None = None
    brought: Sequence[str | None] | None = None
    classes: list[str] = field(default_factory=list)
    set_aside: list[tuple[str, str]] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    attributes: list[dict[str, Any]] | None = None
    alike_by: slice = field(default_factory=lambda: slice(None))

    def __len__(self) -> int:
        return len(self.names)

    @abstractmethod
    def pictures(self, plan: Plan, progress: Progress) -> Iterator[np.ndarray | RefusedError]:
        """Each picture in the order of ``names``: (H, W, C) uint8 of the plan's shape, or why not."""

    def remember(self) -> None:
        """Keep what was learnt of unchanged files; called once the preparation has succeeded."""


def ordered_classes(labels: Sequence[str]) -> list[str]:
    """The distinct labels: by number when all are whole numbers, else by name.

    >>> ordered_classes(["10", "9", "9"])
    ['9', '10']
    """
    distinct = set(labels)
    if all(label.isascii() and label.isdigit() for label in distinct):
        return sorted(distinct, key=lambda label: (int(label), label))
    return sorted(distinct)
