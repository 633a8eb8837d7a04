"""Three splits by hash: train, choose (picks the best generator) and test (only reported).

A picture's split is a function of its duplicate group's content alone: adding pictures moves no
other, except that a new near duplicate joins, and may re-represent, its own group.
"""

from collections.abc import Sequence

import numpy as np

CHOOSE_SHARE, TEST_SHARE = 0.05, 0.10


def unit_positions(keys: np.ndarray) -> np.ndarray:
    """(n, 16) uint8 hashes -> (n,) float64 in [0, 1), uniform over contents."""
    words = np.ascontiguousarray(keys[:, :8]).view(">u8")[:, 0]
    return (words >> np.uint64(11)).astype(np.float64) / 2.0**53


def split_rows(
    keys: np.ndarray, representative: np.ndarray, brought: Sequence[str | None] | None = None
) -> dict[str, np.ndarray]:
    """Rows of each split.

    Args:
        keys: (n, 16) uint8, the content hash of each prepared picture.
        representative: (n,) int64, the row that stands for each picture's duplicate group.
        brought: what the data say: "train", "choose", "test" or None for each picture.
    Returns: "train", "choose", "test" -> sorted int64 rows; disjoint, and together all rows.
    Check: members of one group are in one split; without near duplicates, adding rows moves none.
    """
    position = unit_positions(keys)[representative]
    given = np.array([b or "" for b in brought]) if brought is not None else np.full(len(keys), "")
    has_test, has_choose = bool((given == "test").any()), bool((given == "choose").any())
    test = given == "test" if has_test else position < TEST_SHARE
    if has_choose:
        test &= given != "choose"
    low = 0.0 if has_test else TEST_SHARE
    choose = given == "choose" if has_choose else ~test & (position >= low) & (position < low + CHOOSE_SHARE)
    train = ~(test | choose)
    ensure_some(train, choose, test, position, has_test, has_choose)
    return {"train": np.flatnonzero(train), "choose": np.flatnonzero(choose), "test": np.flatnonzero(test)}


def ensure_some(
    train: np.ndarray, choose: np.ndarray, test: np.ndarray, position: np.ndarray, has_test: bool, has_choose: bool
) -> None:
    """Move whole groups, by position, so that no split of a tiny set is empty where groups allow; train never is."""
    hashed_first = sorted([(has_choose, 0, choose), (has_test, 1, test)], key=lambda split: split[:2])
    if not train.any():
        source = next(mask for _, _, mask in hashed_first if mask.any())
        move_group(source, train, position)
    for mask, brought in ((test, has_test), (choose, has_choose)):
        if not mask.any() and not brought and len(np.unique(position[train])) > 1:
            move_group(train, mask, position)


def move_group(source: np.ndarray, target: np.ndarray, position: np.ndarray) -> None:
    """Move the group of the lowest position from one mask to the other, in place."""
    lowest = position[source].min()
    moved = source & (position == lowest)
    source &= ~moved
    target |= moved
