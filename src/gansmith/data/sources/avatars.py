"""12,000 drawings in six public-domain styles, 64x64 in colour, every attribute known (drawn on the spot)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from gansmith.core.pool import in_order
from gansmith.core.progress import Progress
from gansmith.data.collection import Collection, RefusedError
from gansmith.data.drawing import STYLES, definition, draw, libraries
from gansmith.data.plan import Plan
from gansmith.data.seen import joined_hash

SEED, EACH, TEST, NATIVE = 0, 2000, 2000, 64
PACKAGES = ("dicebear-core", "dicebear-styles", "resvg-py")


@dataclass
class Avatars(Collection):
    """Drawings made while they are asked for, at the plan's resolution."""

    def pictures(self, plan: Plan, progress: Progress) -> Iterator[np.ndarray | RefusedError]:
        """See Collection; fills ``attributes`` as it goes."""
        self.attributes = []
        for style in self.classes:
            definition(style)  # once, before the threads ask for it
        seeds = zip(self.labels or [], self.names, strict=True)
        for picture, attributes in in_order(lambda one: draw(one[0], one[1], plan), seeds):
            self.attributes.append(attributes)
            yield picture


def avatars(progress: Progress) -> Avatars:
    """2,000 of each style from one seed; the last third of a thousand of each are the test split.

    Source: DiceBear, the styles under CC0 1.0.
    Raises: InputError: the packages that draw are not installed.
    """
    libraries()
    labels = list(STYLES) * EACH
    numbers = [row // len(STYLES) for row in range(len(labels))]
    made_with = [f"{package} {version(package)}" for package in PACKAGES]
    return Avatars(
        name="avatars",
        names=[f"{style}-{SEED}-{number}" for style, number in zip(labels, numbers, strict=True)],
        key=joined_hash(["avatars", str(SEED), str(EACH), *made_with]),
        sizes=Counter({(NATIVE, NATIVE): len(labels)}),
        modes=Counter(RGBA=len(labels)),
        labels=labels,
        brought=["train"] * (len(labels) - TEST) + ["test"] * TEST,
        classes=list(STYLES),
        rules=["drawn from one seed at the resolution asked for", "2,000, balanced over styles, are the test split"],
        facts={"made_with": made_with},
    )
