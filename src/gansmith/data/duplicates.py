"""Exact and near duplicates among the prepared pictures, each linked to one representative, never chained.

Two pictures are near when they differ little everywhere: the root mean square over all pixel values
is small in grey levels, and small against the contrast of either. Pictures are taken in the order of
their content hash; one that is near earlier representatives is linked to the nearest of them, any
other becomes a representative itself.
"""

from dataclasses import dataclass

import numpy as np

from gansmith.core.progress import Progress

MOST_RMS = 4.0
MOST_OF_CONTRAST = 0.1
LARGEST_SHARE, FEW = 0.01, 8
BLOCKS, BATCH, MOST_CHECKS = 8, 1024, 64
AT_ONCE_VALUES = 2**20
REACH = MOST_RMS + 0.05  # room for the rounding of float32
RULE = (
    f"near duplicates: root mean square difference at most {MOST_RMS:g} of 255, "
    f"and at most {MOST_OF_CONTRAST:.0%} of the contrast of either"
)


@dataclass(frozen=True)
class Duplicates:
    """Who stands for whom.

    Attributes:
        representative: (n,) int64, a row that stands for each row's group.
        exact: rows that repeat an earlier one exactly.
        near: distinct pictures that are near a representative.
        broken_up: sizes of near groups above 1 % of the data (and above 8); only exact copies stay together there.
    """

    representative: np.ndarray
    exact: int
    near: int
    broken_up: list[int]


def find_duplicates(images: np.ndarray, keys: np.ndarray, progress: Progress) -> Duplicates:
    """Group prepared pictures.

    Args:
        images: (n, H, W, C) uint8, read in batches.
        keys: (n, 16) uint8, a hash of each picture's pixels.
    Memory: about 0.6 KB a picture beside the batch.
    """
    order = np.lexsort(keys.T[::-1])
    fresh = np.r_[True, (np.diff(keys[order].astype(np.int16), axis=0) != 0).any(axis=1)]
    distinct = order[fresh]
    group = np.empty(len(keys), np.int64)
    group[order] = np.cumsum(fresh) - 1
    leader = near_leaders(images, distinct, progress)
    counts = np.bincount(leader[group], minlength=len(distinct))
    copies = np.bincount(group, minlength=len(distinct))
    large = (counts > max(LARGEST_SHARE * len(keys), FEW)) & (counts > copies)
    near = int((leader != np.arange(len(distinct))).sum())
    leader = np.where(large[leader], np.arange(len(distinct)), leader)
    return Duplicates(distinct[leader][group], len(keys) - len(distinct), near, counts[large].tolist())


def near_leaders(images: np.ndarray, rows: np.ndarray, progress: Progress) -> np.ndarray:
    """(m,) the position in ``rows`` of each one's representative; ``rows`` are distinct, in hash order."""
    points = principal_axes(sketches(images, rows))
    leader, standing = np.arange(len(rows)), Representatives(points)
    progress.start(f"looking for near duplicates among {len(rows):,} images", len(rows))
    for i in range(len(rows)):
        near = [(d, j) for j in standing.within(i) if (d := difference(images, rows[i], rows[j])) is not None]
        if near:
            leader[i] = min(near)[1]
        else:
            standing.add(i)
        if i % BATCH == BATCH - 1:
            progress.advance(i + 1)
    progress.advance(len(rows))
    progress.finish()
    return leader


class Representatives:
    """Points to which later ones may be linked; most are kept sorted along the first axis.

    Args:
        points: (m, d) float32, of which row numbers are added one by one.
    """

    def __init__(self, points: np.ndarray):
        self.points = points
        self.rows = np.empty(0, np.int64)
        self.first = self.second = np.empty(0, np.float32)
        self.recent = np.empty(BATCH, np.int64)
        self.waiting = 0

    def add(self, row: int) -> None:
        """One more representative."""
        self.recent[self.waiting] = row
        self.waiting += 1
        if self.waiting == BATCH:
            rows = np.concatenate([self.rows, self.recent])
            self.rows = rows[np.argsort(self.points[rows, 0], kind="stable")]
            self.first, self.second = self.points[self.rows, 0].copy(), self.points[self.rows, 1].copy()
            self.waiting = 0

    def within(self, row: int) -> list[int]:
        """Representatives within reach of a point, nearest first, at most 64."""
        point = self.points[row]
        window = slice(*np.searchsorted(self.first, [point[0] - REACH, point[0] + REACH]))
        sorted_ones = self.rows[window][np.abs(self.second[window] - point[1]) <= REACH]
        near = np.concatenate([sorted_ones, self.recent[: self.waiting]])
        for axis in range(4):
            near = near[np.abs(self.points[near, axis] - point[axis]) <= REACH]
        square = ((self.points[near] - point) ** 2).sum(axis=1)
        close = np.flatnonzero(square <= REACH**2)
        return near[close[np.argsort(square[close], kind="stable")][:MOST_CHECKS]].tolist()


def sketches(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(m, 128) float32: the mean and the spread within each of 8 x 8 parts, centred over the data.

    Distances between sketches never exceed the root mean square difference of the pictures: the
    split of a part into its mean and the rest is orthogonal, and norms are contractions.
    """
    result = np.empty((len(rows), 2 * BLOCKS * BLOCKS), np.float32)
    step = max(1, AT_ONCE_VALUES // int(np.prod(images.shape[1:])))
    for start in range(0, len(rows), step):
        mean, square, weight = block_moments(images[rows[start : start + step]])
        spread = np.sqrt(np.maximum(square - mean**2, 0))
        result[start : start + step] = np.concatenate([mean * weight, spread * weight], axis=1)
    result -= result.mean(axis=0)
    return result


def block_moments(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and mean square over 8 x 8 parts and all channels.

    Returns: (n, 64) float64 twice, and (64,) square roots of the parts' shares of the area.
    """
    n, height, width, _ = pixels.shape
    ys, xs = (np.linspace(0, side, BLOCKS + 1).astype(int) for side in (height, width))
    area = np.outer(np.diff(ys), np.diff(xs)).ravel() * pixels.shape[3]

    def reduce(values: np.ndarray) -> np.ndarray:
        rows = np.add.reduceat(values.sum(axis=3, dtype=np.int64), ys[:-1], axis=1)
        return np.add.reduceat(rows, xs[:-1], axis=2).reshape(n, -1) / area

    return reduce(pixels), reduce(pixels.astype(np.int32) ** 2), np.sqrt(area / area.sum())


def principal_axes(sketch: np.ndarray) -> np.ndarray:
    """The same points turned so that the first axes vary most: distances stay, and searching is quick."""
    some = sketch[:: max(1, len(sketch) // 4096)].astype(np.float64)
    axes = np.linalg.eigh(some.T @ some)[1][:, ::-1]
    return sketch @ axes.astype(np.float32)


def difference(images: np.ndarray, one: int, other: int) -> float | None:
    """The mean square difference of two near pictures; None when they are not near. Integers decide."""
    a, b = images[one].astype(np.int32), images[other].astype(np.int32)
    square = float(((a - b) ** 2).mean())
    contrast = min(float(a.var()), float(b.var()))
    return square if square <= min(MOST_RMS**2, MOST_OF_CONTRAST**2 * contrast) else None
