"""Where a contender's pictures come from: a run that draws, an npz, or any data that ``gansmith data`` reads."""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from pathlib import Path

import numpy as np

from gansmith.core.progress import Progress
from gansmith.core.seeds import shuffled
from gansmith.data.collection import Collection
from gansmith.data.index import open_collection
from gansmith.data.npz import read_npz
from gansmith.data.plan import LARGEST, SMALLEST, median_short_side
from gansmith.data.prepare import prepare
from gansmith.judge.weights import hash_of_weights

Size = tuple[int, int]
SHOWN_FIRST = ("test", "choose", "train")


class Contender(ABC):
    """Pictures of one origin, taken without repeating any.

    Attributes:
        name: short; the study makes names unique.
        kind: "run", "npz" or "data".
        source: what the user wrote.
        size: (width, height) that it has by itself.
        classes: the labels it knows.
    """

    name: str
    kind: str
    source: str
    size: Size
    classes: list[str]

    def open(self, size: Size, progress: Progress) -> None:
        """Get ready to give pictures of that size."""

    @property
    def folder(self) -> Path | None:
        """The run folder on this machine, where it is one."""
        return None

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Changes when its pictures would."""

    @property
    @abstractmethod
    def channels(self) -> int:
        """1, 3 or 4; known once it is open."""

    @abstractmethod
    def holds(self, label: str | None) -> float:
        """How many pictures, of a label or of all; infinite for what draws."""

    @abstractmethod
    def take(self, count: int, label: str | None = None) -> np.ndarray:
        """The next (count, H, W, C) uint8, none given twice; the study has asked ``holds`` before."""


class Drawn(Contender):
    """A trained generator: picture i is what ``gansmith sample`` with the study's seed draws as number i."""

    kind = "run"

    def __init__(self, source: str, seed: int):
        from gansmith.networks.pretrained import Generator

        self.generator = Generator.from_pretrained(source)
        self.source, self.seed = source, seed
        self.name = _run_name(source)
        height, width = self.generator.resolution
        self.size = (width, height)
        self.classes = list(self.generator.classes)
        self.taken: Counter[str | None] = Counter()

    @property
    def folder(self) -> Path | None:
        path = Path(self.source).expanduser()
        return path if path.is_dir() else path.parent if path.is_file() else None

    @property
    def fingerprint(self) -> str:
        return hash_of_weights({name: values.numpy() for name, values in self.generator.module.state_dict().items()})

    @property
    def channels(self) -> int:
        return int(self.generator.description["arguments"]["channels"])

    def holds(self, label: str | None) -> float:
        return float("inf") if label is None or label in self.classes else 0

    def take(self, count: int, label: str | None = None) -> np.ndarray:
        start = self.taken[label]
        self.taken[label] += count
        return self.generator.sample(start + count, seed=self.seed, label=label)[start:]


class Listed(Contender):
    """Pictures that are there already, in an order drawn from the seed."""

    images: np.ndarray
    labels: list[str] | None
    order: list[int]

    @property
    def channels(self) -> int:
        return self.images.shape[-1]

    def holds(self, label: str | None) -> float:
        if label is None:
            return len(self.order)
        return self.labels.count(label) if self.labels else 0

    def take(self, count: int, label: str | None = None) -> np.ndarray:
        fits = [row for row in self.order if label is None or (self.labels and self.labels[row] == label)][:count]
        assert len(fits) == count, (self.name, label, count)
        gone = set(fits)
        self.order = [row for row in self.order if row not in gone]
        return np.stack([self.images[row] for row in fits])


class Stored(Listed):
    """An npz: ``images`` (n, H, W, C) uint8, as ``gansmith sample --npz`` writes; ``labels`` (n,) if wanted."""

    kind = "npz"

    def __init__(self, source: str, seed: int):
        self.source, self.name = source, Path(source).stem
        self.images, labels = read_npz(Path(source))
        self.labels = None if labels is None else [str(label) for label in labels.tolist()]
        self.classes = sorted(set(self.labels or ()))
        self.size = (self.images.shape[2], self.images.shape[1])
        self.order = shuffled(range(len(self.images)), seed, f"order of {self.name}")

    @property
    def fingerprint(self) -> str:
        digest = hashlib.blake2b(repr((self.images.shape, self.labels)).encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.images).data)
        return digest.hexdigest()


class Data(Listed):
    """A folder, a zip, IDX files, a built-in name: prepared as for training.

    Args:
        held_out: take the test split first, then choose, then train, so that what a generator may have learned by
            heart is shown last.
    """

    kind = "data"

    def __init__(self, source: str, seed: int, held_out: bool, progress: Progress):
        self.source, self.seed, self.held_out = source, seed, held_out
        self.collection = open_collection(source, progress)
        self.name = self.collection.name
        self.classes = list(self.collection.classes)
        self.size = own_size(self.collection)

    def open(self, size: Size, progress: Progress) -> None:
        self.prepared = prepare(self.source, resolution=f"{size[0]}x{size[1]}", progress=progress)
        self.images, self.classes = self.prepared.images, self.prepared.classes
        rows = self.prepared.labels
        self.labels = None if rows is None else [self.classes[row] for row in rows.tolist()]
        self.order = shuffled(range(len(self.images)), self.seed, f"order of {self.name}")
        if self.held_out:
            turn = {row: turn for turn, name in enumerate(SHOWN_FIRST) for row in self.prepared.splits[name].tolist()}
            self.order.sort(key=turn.__getitem__)

    @property
    def fingerprint(self) -> str:
        return self.prepared.fingerprint


def contender(source: str, seed: int, progress: Progress) -> Contender:
    """Whatever was named, looked at and not yet opened.

    Raises: InputError: nothing usable there.
    """
    path = Path(source).expanduser()
    if path.suffix == ".npz":
        return Stored(source, seed)
    if path.suffix == ".safetensors" or (path / "config.json").is_file() or (path / "generator.safetensors").is_file():
        return Drawn(source, seed)
    if not path.exists() and source.count("/") == 1 and not source.startswith((".", "/", "hf:")):
        return Drawn(source, seed)
    return Data(source, seed, False, progress)


def own_size(collection: Collection) -> Size:
    """(width, height) at which nothing needs to be enlarged: the common size, else the median short side, squared."""
    if len(collection.sizes) == 1:
        return next(iter(collection.sizes))
    side = median_short_side(collection.sizes) if collection.sizes else SMALLEST
    return side, side


def common_size(contenders: list[Contender]) -> Size:
    """The smallest width and height of all, within what ``gansmith data`` prepares (28 to 256).

    Check: 64x64 beside 32x32 gives 32x32; 96x32 beside 48x64 gives 48x32; 500x300 alone gives 256x154.
    """
    width, height = (min(one.size[axis] for one in contenders) for axis in (0, 1))
    scale = min(1.0, LARGEST / max(width, height))
    return max(SMALLEST, round(width * scale)), max(SMALLEST, round(height * scale))


def _run_name(source: str) -> str:
    path = Path(source)
    return (path.parent.name if path.suffix == ".safetensors" else path.resolve().name) or "run"
