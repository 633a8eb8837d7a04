"""Two sides of one picture, such as an outline and its colours: matched by name, or the halves of one file.

A pair is prepared as one row that holds A's channels, then B's, so that nothing after it can part them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.collection import Collection, RefusedError
from gansmith.data.pictures import Pictures
from gansmith.data.plan import Plan
from gansmith.data.seen import joined_hash

SHAPES_DIFFER = 0.02
SHOWN = 3


@dataclass
class Pairs(Collection):
    """Row i of ``a`` belongs to row i of ``b``; pairs whose A is alike share a split."""

    a: Pictures | None = None
    b: Pictures | None = None
    plans: tuple[Plan, Plan] | None = None

    def pictures(self, plan: Plan, progress: Progress) -> Iterator[np.ndarray | RefusedError]:
        """See Collection; both sides of a pair or neither."""
        assert self.a is not None and self.b is not None and self.plans is not None
        sides = (side.pictures(own, progress) for side, own in zip((self.a, self.b), self.plans, strict=True))
        for left, right in zip(*sides, strict=True):
            refused = next((side for side in (left, right) if isinstance(side, RefusedError)), None)
            yield np.concatenate([left, right], -1) if refused is None else refused  # pyright: ignore

    def remember(self) -> None:
        """See Collection."""
        for side in (self.a, self.b):
            if side is not None:
                side.remember()


@dataclass
class Halves(Collection):
    """Files whose left half is A and whose right half is B, of equal size."""

    whole: Pictures | None = None

    def pictures(self, plan: Plan, progress: Progress) -> Iterator[np.ndarray | RefusedError]:
        """See Collection."""
        assert self.whole is not None
        wide = replace(plan, width=2 * plan.width, channels=plan.channels // 2)
        for picture in self.whole.pictures(wide, progress):
            refused = isinstance(picture, RefusedError)
            yield picture if refused else np.concatenate(np.split(picture, 2, axis=1), -1)

    def remember(self) -> None:
        """See Collection."""
        if self.whole is not None:
            self.whole.remember()


def matched(a: Collection, b: Collection, strict: bool = False) -> Pairs:
    """The pictures that have the same path on both sides, suffixes aside; the others are set aside.

    Args:
        strict: refuse instead of setting aside.
    Raises: InputError: nothing matches; or, where strict, something does not.
    """
    for side in (a, b):
        if not isinstance(side, Pictures):
            raise InputError(f"pairs are matched by file names, and {side.name} brings none; name two folders or zips")
    assert isinstance(a, Pictures) and isinstance(b, Pictures)
    ours, theirs = _by_stem(a), _by_stem(b)
    aside = [(f"A/{name}", why) for name, why in a.set_aside] + [(f"B/{name}", why) for name, why in b.set_aside]
    alone = [(f"A/{a.names[i]}", "B has no picture of this name") for stem, i in ours.items() if stem not in theirs]
    alone += [(f"B/{b.names[i]}", "A has no picture of this name") for stem, i in theirs.items() if stem not in ours]
    both = [(ours[stem], theirs[stem]) for stem in sorted(ours) if stem in theirs]
    if not both:
        raise InputError(
            f"no picture of {a.name} has the name of one in {b.name}; name pairs alike, or use --recipe unpaired"
        )
    unlike = [(i, j) for i, j in both if _shapes_differ(a, i, b, j)]
    alone += [
        (f"A/{a.names[i]}", f"{_size(a, i)} here and {_size(b, j)} in B: the two must have one shape")
        for i, j in unlike
    ]
    if strict and alone:
        shown = "; ".join(f"{name}: {why}" for name, why in alone[:SHOWN])
        raise InputError(f"{len(alone):,} pictures have no partner ({shown}); mend them, or leave --strict-pairs out")
    kept = [pair for pair in both if pair not in set(unlike)]
    if not kept:
        raise InputError(f"no two pictures of {a.name} and {b.name} have one shape; make pairs equally large")
    left, right = _some(a, [i for i, _ in kept]), _some(b, [j for _, j in kept])
    return Pairs(
        name=f"{a.name}-to-{b.name}",
        names=left.names,
        key=joined_hash(["pairs", left.key, right.key]),
        sizes=right.sizes,
        modes=right.modes,
        brought=left.brought if left.brought is not None else right.brought,
        set_aside=sorted(aside + alone),
        rules=["pairs are the pictures of one name; pairs whose first side is alike share a split"],
        facts={"pairs": len(kept), "without_partner": len(alone)},
        a=left,
        b=right,
    )


def halved(whole: Collection) -> Halves:
    """Each file's left half is A, its right half B.

    Raises: InputError: the files are not about twice as wide as high, or hold no files.
    """
    if not isinstance(whole, Pictures):
        raise InputError(f"{whole.name} is not a folder of files with two halves; name a second folder")
    wide = [width >= 1.5 * height for width, height in whole.sizes.elements()]
    if not wide or sum(wide) < len(wide) / 2:
        raise InputError(
            f"the pictures of {whole.name} are not twice as wide as high, so they are no pairs side by side; "
            "name a second folder for B"
        )
    sizes: Counter[tuple[int, int]] = Counter()
    for (width, height), count in whole.sizes.items():
        sizes[(max(1, width // 2), height)] += count
    return Halves(
        name=whole.name,
        names=whole.names,
        key=joined_hash(["halves", whole.key]),
        sizes=sizes,
        modes=whole.modes,
        brought=whole.brought,
        set_aside=whole.set_aside,
        rules=["the left half of each file is A, the right half B"],
        facts={"pairs": len(whole)},
        whole=whole,
    )


def _by_stem(pictures: Pictures) -> dict[str, int]:
    stems: dict[str, int] = {}
    for position, name in enumerate(pictures.names):
        stem = str(PurePosixPath(name).with_suffix(""))
        if stem in stems:
            pictures.set_aside = [*pictures.set_aside, (name, f"{pictures.names[stems[stem]]} has the same name")]
        stems.setdefault(stem, position)
    return stems


def _size(pictures: Pictures, position: int) -> str:
    look = pictures.looks[position]
    return f"{look.width}x{look.height}"


def _shapes_differ(a: Pictures, i: int, b: Pictures, j: int) -> bool:
    ours, theirs = a.looks[i], b.looks[j]
    return abs(ours.width * theirs.height / (ours.height * theirs.width) - 1) > SHAPES_DIFFER


def _some(pictures: Pictures, positions: list[int]) -> Pictures:
    """These of them, in this order."""

    def of(values: Any) -> Any:
        return None if values is None else [values[position] for position in positions]

    looks = of(pictures.looks)
    return replace(
        pictures,
        names=of(pictures.names),
        key=joined_hash(look.key for look in looks),
        sizes=Counter((look.width, look.height) for look in looks),
        modes=Counter(look.mode for look in looks),
        labels=of(pictures.labels),
        brought=of(pictures.brought),
        files=of(pictures.files),
        looks=looks,
    )
