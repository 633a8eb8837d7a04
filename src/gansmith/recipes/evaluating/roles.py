"""Which real images take which part: what scores are measured against, the floor, and what may have been copied."""

from dataclasses import dataclass

import numpy as np

from gansmith.core.errors import InputError
from gansmith.data.collection import SPLITS
from gansmith.data.prepare import Prepared

MOST_IMAGES = 10_000
MOST_TRAINING = 60_000
WHOLE = "all"


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Rows of the prepared images, sorted.

    Copying has a floor of its own: images that are neither trained on nor measured by. There may be fewer of
    them than of the generated ones, since the scores of copying are means over images, with no bias of number.

    Attributes:
        split: that the scores are measured against; ``all``: the whole of the data.
        real: what scores are measured against.
        floor: stand in the generated images' place; never among ``real``. Training's own score uses the same.
        training: what may have been copied.
        held_out: how near new images are to ``training``.
        fresh: stand in the generated images' place for copying; in neither.
        copied: the whole of the data, where copies are looked for in all of it; None: in ``training``.
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


def roles(prepared: Prepared, split: str, n: int | None, seed: int) -> Roles:
    """The parts for n generated images, or for as many as the floor allows, at most 10,000.

    Of the whole of the data, at most half is put aside for the floor, and the rest is what scores are
    measured against. Sets larger than 10,000 (copying: 60,000) are drawn from by the seed.

    Raises: InputError: no such split, or nothing in it.
    """
    splits = prepared.splits
    if split not in (*SPLITS, WHOLE):
        raise InputError(f"--split is one of {', '.join((*SPLITS, WHOLE))}, not {split!r}")
    wanted = n or MOST_IMAGES
    if split == WHOLE:
        order = np.random.default_rng(seed).permutation(len(prepared.images))
        aside = min(wanted, len(order) // 2)
        floor, real = np.sort(order[:aside]), np.sort(order[aside : aside + MOST_IMAGES])
    else:
        others = splits["train"] if split != "train" else np.concatenate([splits["test"], splits["choose"]])
        floor, real = drawn(others, wanted, seed), drawn(splits[split], MOST_IMAGES, seed)
    if not len(real):
        raise InputError(f"there is no image in the {split} split of {prepared.source}; name another with --split")
    return Roles(
        split=split,
        real=real,
        floor=floor,
        training=drawn(splits["train"], MOST_TRAINING, seed),
        held_out=drawn(splits["test"], MOST_IMAGES, seed),
        fresh=drawn(splits["choose"], MOST_IMAGES, seed),
        copied=drawn(np.arange(len(prepared.images)), MOST_TRAINING, seed) if split == WHOLE else None,
    )


def drawn(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """At most so many of the rows, sorted. Check: the same ones as the floor of a run's final score."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:most])
