"""What a metric may read: features, images and labels of generated, real and training images."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from gansmith.metrics.frechet import Moments, moments
from gansmith.metrics.kid import real_term
from gansmith.metrics.neighbours import nearest, nearest_others

SETS = ("generated", "real", "training")
AT_ONCE = 1000
NEIGHBOURS = 5

Found = TypeVar("Found")


class Images(Protocol):
    """(n, H, W, C) uint8: an array, memory-mapped or not, or whatever gives rows of one when it is sliced."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype: ...
    @property
    def ndim(self) -> int: ...
    def __len__(self) -> int: ...
    def __getitem__(self, rows: Any, /) -> Any: ...


class Features:
    """(n, d) features of one set of images, and what is computed of them once.

    Args:
        rows: array or tensor of floats; kept as it is, and turned into float64 where it is needed.
    """

    def __init__(self, rows: Any):
        self.rows = torch.as_tensor(rows).detach().cpu()
        self._others: tuple[Tensor, Tensor] | None = None
        self._nearest: tuple[Features, Tensor, Tensor] | None = None
        self._spacing: Tensor | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        """d."""
        return self.rows.shape[1]

    def fault(self, which: str) -> str | None:
        """What is wrong with them, as features of ``which`` images, or None."""
        if self.rows.ndim != 2 or 0 in self.rows.shape or not self.rows.is_floating_point():
            return f"features of {which} images must be (n, d) floats, not {tuple(self.rows.shape)} {self.rows.dtype}"
        broken = sum(int((~torch.isfinite(part)).any(1).sum()) for part in self.rows.split(AT_ONCE))
        if broken:
            return f"features of {broken} of {len(self)} {which} images are not finite; the images are broken"
        if which == "real" and len(self) > 1 and self.constant:
            return "every real image gives the same features, so there is nothing to compare with; look at them"
        return None

    @cached_property
    def constant(self) -> bool:
        """Whether all rows are the same."""
        return all(bool((part == self.rows[0]).all()) for part in self.rows.split(AT_ONCE))

    @cached_property
    def exact(self) -> Tensor:
        """(n, d) float64."""
        return self.rows.to(torch.float64)

    @cached_property
    def moments(self) -> Moments:
        """Mean and covariance."""
        return moments(self.exact)

    @cached_property
    def real_term(self) -> float:
        """The part of KID that hangs on these alone."""
        return real_term(self.exact)

    def others(self, k: int) -> tuple[Tensor, Tensor]:
        """(n, k) squared distances of every row to its k nearest other rows, and (n, k) which; n > k."""
        if self._others is None or self._others[0].shape[1] < k:
            self._others = nearest_others(self.exact, min(max(k, NEIGHBOURS), len(self) - 1))
        distances, rows = self._others
        return distances[:, :k], rows[:, :k]

    def radii(self, k: int) -> Tensor:
        """(n,) squared distance of every row to its k-th nearest other row."""
        return self.others(k)[0][:, -1]

    def nearest(self, among: "Features", k: int = 1) -> tuple[Tensor, Tensor]:
        """(n, k) squared distances of every row to the k nearest rows of another set, and (n, k) which rows.

        Those of the set that was asked for last are kept, so ask for the largest k first.
        """
        if self._nearest is None or self._nearest[0] is not among or self._nearest[1].shape[1] < k:
            self._nearest = among, *nearest(self.exact, among.rows, k)
        _, distances, rows = self._nearest
        return distances[:, :k], rows[:, :k]

    def spacing(self, rows: Tensor) -> Tensor:
        """(k,) squared distances of the given rows to their nearest other row; each is computed once."""
        if self._spacing is None:
            self._spacing = torch.full((len(self),), torch.nan, dtype=torch.float64)
        new = rows[self._spacing[rows].isnan()].unique()
        if len(new):
            self._spacing[new] = nearest(self.rows[new].double(), self.rows, but=new)[0][:, 0]
        return self._spacing[rows]


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """All that is known of generated, real and training images; what is not known is None.

    ``real`` are held out: the generator has not seen them. ``training`` are those that it has. Images,
    features and labels of one set have the same rows in the same order.

    The real-against-real floor of a metric is the same evidence with real images in the generated ones'
    place, as many and among neither ``real`` nor ``training``: ``replace(evidence, generated=...)``. What was
    found ``once`` is shared by all that were made from one another so.

    Attributes:
        generated: (n, d) features; real, training: likewise, by the same extractor.
        generated_images: (n, H, W, C) uint8; real_images, training_images: likewise. Metrics read slices of them
            and lists of rows, so that they may be larger than the memory.
        generated_labels: (n,) integers from 0; real_labels, training_labels: likewise.
        classes: their names, in the order of the labels; None: their numbers.
        seed: of whatever a metric draws.
    """

    generated: Features | None = None
    real: Features | None = None
    training: Features | None = None
    generated_images: Images | None = None
    real_images: Images | None = None
    training_images: Images | None = None
    generated_labels: np.ndarray | None = None
    real_labels: np.ndarray | None = None
    training_labels: np.ndarray | None = None
    classes: tuple[str, ...] | None = None
    seed: int = 0
    _once: dict[tuple, tuple] = field(default_factory=dict, repr=False)
    _faults: dict[str, str | None] = field(default_factory=dict, init=False, repr=False)

    def fault(self, name: str) -> str | None:
        """Why one of the attributes cannot be read, or None. Check: a missing one is named with its set."""
        if name not in self._faults:
            self._faults[name] = self._fault(name)
        return self._faults[name]

    def _fault(self, name: str) -> str | None:
        which, _, kind = name.partition("_")
        held = getattr(self, name)
        if held is None:
            return f"there are no {kind or 'features'} of {which} images"
        if kind and (others := {len(some) for some in self._of(which)} - {len(held)}):
            return f"there are {len(held)} {kind} and {others.pop()} other rows of {which} images; they must agree"
        if kind == "labels":
            return _labels_fault(which, np.asarray(held), self.classes)
        return _images_fault(which, held) if kind else held.fault(which)

    def _of(self, which: str) -> list[Any]:
        held = (getattr(self, which), getattr(self, f"{which}_images"), getattr(self, f"{which}_labels"))
        return [some for some in held if some is not None]

    def once(self, compute: Callable[..., Found], *of: Any) -> Found:
        """``compute(*of)``, found once for the same objects: for what hangs on real or training images alone."""
        key = (compute, *map(id, of))
        if key not in self._once:
            self._once[key] = compute(*of), of  # what it is of is held, so that nothing else gets its id
        return self._once[key][0]

    def rows(self, which: str) -> int:
        """How many images of one set there are, 0 when there are none."""
        return next((len(some) for some in self._of(which)), 0)

    def disagreement(self, names: Iterable[str]) -> str | None:
        """Why these attributes do not go together, or None: other widths, other sizes."""
        widths = {which: getattr(self, which).width for which in names if which in SETS}
        if len({*widths.values()}) > 1:
            told = " and ".join(f"{width} ({which})" for which, width in widths.items())
            return f"features of {told} numbers cannot be compared; use one extractor"
        sizes = {name: getattr(self, name).shape[1:] for name in names if name.endswith("_images")}
        if len({*sizes.values()}) > 1:
            told = " and ".join(f"{'x'.join(map(str, s))} ({n.partition('_')[0]})" for n, s in sizes.items())
            return f"images of {told} cannot be compared; resize one set and give both the same channels"
        return None

    def class_name(self, label: int) -> str:
        """What a label is called."""
        return self.classes[label] if self.classes is not None else str(label)


def _images_fault(which: str, images: Any) -> str | None:
    if getattr(images, "ndim", 0) != 4 or images.dtype != np.uint8 or images.shape[3] not in (1, 3, 4):
        return f"{which} images must be (n, H, W, C) uint8 with 1, 3 or 4 channels"
    if which == "real" and not _varied(images):
        return "every real image is one flat colour, so there is nothing to compare with"
    return None


def _labels_fault(which: str, labels: np.ndarray, classes: tuple[str, ...] | None) -> str | None:
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or (labels < 0).any():
        return f"labels of {which} images must be (n,) integers from 0"
    if classes is not None and labels.max(initial=0) >= len(classes):
        return f"a label of {which} images is {labels.max()}, and there are {len(classes)} classes from 0"
    return None


def _varied(images: np.ndarray) -> bool:
    """Whether any image has two different pixels."""
    parts = (images[start : start + AT_ONCE] for start in range(0, len(images), AT_ONCE))
    return any(bool((part != part[:, :1, :1]).any()) for part in parts)
