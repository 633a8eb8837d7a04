"""Which real images take which part: what scores are measured against, the floor, and what may have been copied."""

from dataclasses import dataclass

import numpy as np

from gansmith.core.errors import InputError
from gansmith.data.collection import SPLITS
from gansmith.data.prepare import Prepared

MOST_IMAGES = 10_000
MOST_TRAINING = 60_000
WHOLE = "all"
DRAW = 0  # of real images: the same for every card, so that cards compare and features are found again


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Rows of the prepared images, sorted.

    Copying has a floor of its own: images that are neither trained on nor measured by. There may be fewer of
    them than of the generated ones, since the scores of copying are means over images, with no bias of number.

    Attributes:
        split: that the scores are measured against; ``all``: the whole of the data.
        real: what scores are measured against.
        floor: stand in the generated images' place; never among ``real``.
        training: what may have been copied.
        held_out: how near new images are to ``training``.
        fresh: stand in the generated images' place for copying; in neither.
        copied: all of the data but ``fresh``, where copies are looked for in all of it; None: in ``training``.
    """

    split: str
    real: np.ndarray
    floor: np.ndarray
    training: np.ndarray
    held_out: np.ndarray
    fresh: np.ndarray
    copied: np.ndarray | None

    @property
    def floor_source(self) -> str:
        """Where the floor's images are from, in words."""
        return {WHOLE: "rest of the data", "train": "held-out splits"}.get(self.split, "train split")


def roles(prepared: Prepared, split: str, n: int | None) -> Roles:
    """The parts for n generated images, or for as many as the floor allows, at most 10,000.

    Of the whole of the data, at most half is put aside for the floor, and the rest is what scores are
    measured against. Sets larger than 10,000 (copying: 60,000) are drawn from, always in the same way.

    Raises: InputError: no such split, or nothing in it.
    Check: the same rows for every run of the same n.
    """
    splits = prepared.splits
    if split not in (*SPLITS, WHOLE):
        raise InputError(f"--split is one of {', '.join((*SPLITS, WHOLE))}, not {split!r}")
    wanted = n or MOST_IMAGES
    if split == WHOLE:
        order = np.random.default_rng(DRAW).permutation(len(prepared.images))
        aside = min(wanted, len(order) // 2)
        floor, real = np.sort(order[:aside]), np.sort(order[aside : aside + MOST_IMAGES])
    else:
        others = splits["train"] if split != "train" else np.concatenate([splits["test"], splits["choose"]])
        floor, real = drawn(others, wanted), drawn(splits[split], MOST_IMAGES)
    if not len(real):
        raise InputError(f"there is no image in the {split} split of {prepared.source}; name another with --split")
    known = np.concatenate([splits["train"], splits["test"]])
    return Roles(
        split=split,
        real=real,
        floor=floor,
        training=drawn(splits["train"], MOST_TRAINING),
        held_out=drawn(splits["test"], MOST_IMAGES),
        fresh=drawn(splits["choose"], MOST_IMAGES),
        copied=drawn(known, MOST_TRAINING) if split == WHOLE else None,
    )


def drawn(rows: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows, sorted; the same ones every time."""
    return np.sort(np.random.default_rng(DRAW).permutation(rows)[:most])
