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
ROUNDING = 0.05  # of sketches in float32, in grey levels
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
    sketch, limit = sketches(images, rows)
    leader, standing = np.arange(len(rows)), Representatives(principal_axes(sketch))
    progress.start(f"looking for near duplicates among {len(rows):,} images", len(rows))
    for i in range(len(rows)):
        close = standing.within(i, limit[i] + ROUNDING)
        square = near_squares(images, rows[i], rows[close])
        if np.isfinite(square).any():
            leader[i] = close[np.argmin(square)]
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

    def within(self, row: int, reach: float) -> np.ndarray:
        """Representatives within reach of a point, nearest first, at most 64: (k,) int64."""
        point = self.points[row]
        window = slice(*np.searchsorted(self.first, [point[0] - reach, point[0] + reach]))
        sorted_ones = self.rows[window][np.abs(self.second[window] - point[1]) <= reach]
        near = np.concatenate([sorted_ones, self.recent[: self.waiting]])
        for axis in range(4):
            near = near[np.abs(self.points[near, axis] - point[axis]) <= reach]
        square = ((self.points[near] - point) ** 2).sum(axis=1)
        close = np.flatnonzero(square <= reach**2)
        return near[close[np.argsort(square[close], kind="stable")][:MOST_CHECKS]]


def sketches(images: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What decides quickly that two pictures are not near.

    Returns: (m, 128) float32, the mean and the spread within each of 8 x 8 parts, centred over the
        data; and (m,) float64, the difference up to which each picture is near another.
    Check: distances between sketches never exceed the root mean square difference of the pictures
        (the split of a part into its mean and the rest is orthogonal, and norms are contractions).
    """
    result = np.empty((len(rows), 2 * BLOCKS * BLOCKS), np.float32)
    limit = np.empty(len(rows))
    step = max(1, AT_ONCE_VALUES // int(np.prod(images.shape[1:])))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        mean, square, weight = block_moments(images[rows[part]])
        spread = np.sqrt(np.maximum(square - mean**2, 0))
        result[part] = np.concatenate([mean * weight, spread * weight], axis=1)
        variance = square @ weight**2 - (mean @ weight**2) ** 2
        limit[part] = np.minimum(MOST_RMS, MOST_OF_CONTRAST * np.sqrt(np.maximum(variance, 0)))
    result -= result.mean(axis=0)
    return result, limit


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


def near_squares(images: np.ndarray, one: int, others: np.ndarray) -> np.ndarray:
    """(k,) float64: the mean square difference of a picture to each of the others; infinite where it is not near."""
    square = np.full(len(others), np.inf)
    step = max(1, AT_ONCE_VALUES // int(np.prod(images.shape[1:])))
    for start in range(0, len(others), step):
        left = images[one].astype(np.int32).reshape(1, -1)
        right = images[others[start : start + step]].astype(np.int32).reshape(-1, left.size)
        apart = ((left - right) ** 2).mean(axis=1)
        contrast = np.minimum(left.var(), right.var(axis=1))
        near = apart <= np.minimum(MOST_RMS**2, MOST_OF_CONTRAST**2 * contrast)
        square[start : start + step][near] = apart[near]
    return square
