"""What is evaluated: a run that draws, a folder of pictures, or an npz, each seen as images and their labels."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gansmith.core import randomness
from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.core.runfolder import RunFolder
from gansmith.data.index import HUB, open_collection
from gansmith.data.npz import read_npz
from gansmith.data.plan import LARGEST, SMALLEST
from gansmith.data.prepare import Prepared, prepare
from gansmith.engine.drawing import Latents, draw
from gansmith.judge.weights import hash_of_run
from gansmith.networks.pretrained import Generator

AT_ONCE = 500
READING = ("alpha", "background")  # how a run's data were prepared, but for the size, which is the generator's own


@dataclass(frozen=True)
class Drawn:
    """Generated images.

    Attributes:
        images: (n, H, W, C) uint8.
        labels: (n,) the names of their classes, or None.
    """

    images: np.ndarray
    labels: np.ndarray | None


class Source(Protocol):
    """Where generated images come from.

    Attributes:
        kind: run, folder or npz.
        name: short, for titles and file names.
        path: what the user named.
        seed: its own, for when the user names none.
    """

    kind: str
    name: str
    path: Path
    seed: int

    @property
    def count(self) -> int | None:
        """How many images it can give; None: any number."""
        ...

    @property
    def brings_labels(self) -> str | None:
        """Where its images have labels: in words, how they came by them."""
        ...

    @property
    def checksum(self) -> str | None:
        """Of what the images hang on: a run's weights, a folder's pictures, a file's bytes."""
        ...

    def open_data(self, against: str | None, progress: Progress) -> Prepared:
        """The real data, prepared at the size of these images.

        Raises: InputError: no data named or found, or images that have no common size.
        """
        ...

    def take(self, n: int, seed: int, progress: Progress) -> Drawn:
        """n images, a function of the arguments and of what is there."""
        ...


def source(named: Path, progress: Progress) -> Source:
    """Raises: InputError: nothing there that holds or draws images."""
    if named.suffix.lower() == ".npz":
        return File(named)
    if (named / "config.json").is_file() or (named / "generator.safetensors").is_file():
        return Run(named)
    if named.is_dir():
        return Folder(named, progress)
    what = "is a file" if named.is_file() else "is not there"
    raise InputError(f"{named} {what}; name a run folder, a folder of images, or an npz that sample --npz wrote")


class Run:
    """The generator of a run folder, which draws as it does for its final score."""

    kind = "run"
    count = None

    def __init__(self, path: Path):
        self.path, self.folder = path, RunFolder(path)
        self.name = path.resolve().name
        self.config = self.folder.read_config()
        self.generator = Generator.from_pretrained(path)
        self.seed = int(_choice(self.config, "seed") or 0)
        self.brings_labels = "asked of the generator" if self.generator.classes else None

    @property
    def checksum(self) -> str | None:
        return hash_of_run(self.path)

    @property
    def network(self) -> str:
        """The networks' family, by name."""
        return str(_choice(self.config, "network") or self.generator.description["family"])

    @property
    def data(self) -> str | None:
        """The data that it says it was trained on."""
        named = self.config.get("source")
        return str(named) if named else None

    def open_data(self, against: str | None, progress: Progress) -> Prepared:
        """See ``Source``. Only what is known of the way data are read is taken from the run's file."""
        if against is None and not self.data:
            raise InputError(f"{self.folder.config} names no data; name them with --against DATA")
        if against is None and str(self.data).startswith(HUB):
            raise InputError(
                f"{self.path} was trained on {self.data}, which is not fetched unasked: --against {self.data}"
            )
        height, width = self.generator.resolution
        told = self.config.get("reading")
        reading = {name: str(told[name]) for name in READING if name in told} if isinstance(told, dict) else {}
        return prepare(str(against or self.data), resolution=f"{width}x{height}", **reading, progress=progress)

    def take(self, n: int, seed: int, progress: Progress) -> Drawn:
        frequencies = self.generator.description["frequencies"]
        latents = Latents.of(n, self.generator.latent, frequencies, seed, "final")
        images = None
        for start in range(0, n, AT_ONCE):
            some = slice(start, min(start + AT_ONCE, n))
            labels = None if latents.labels is None else latents.labels[some]
            part = draw(self.generator.module, Latents(latents.z[some], labels))
            images = np.empty((n, *part.shape[1:]), np.uint8) if images is None else images
            images[some] = part
            progress.advance(some.stop)
        assert images is not None
        names = None if latents.labels is None else np.array(self.generator.classes)[latents.labels.numpy()]
        return Drawn(images, names)


class Folder:
    """Pictures that another program left, all of one size."""

    kind = "folder"
    seed = 0

    def __init__(self, path: Path, progress: Progress):
        self.path, self.name, self.progress = path, path.resolve().name, progress
        self.collection = open_collection(str(path), progress)
        self.size = self._one_size()

    def _one_size(self) -> tuple[int, int]:
        sizes = self.collection.sizes
        if not sizes:
            raise InputError(f"{self.path} holds no image that can be used; name the folder with the generated images")
        if len(sizes) > 1:
            found = ", ".join(f"{w}x{h} ({count:,})" for (w, h), count in sizes.most_common(3))
            raise InputError(
                f"{self.path} holds images of {len(sizes)} sizes ({found}); resize them all in one way first, as the "
                f"way changes the scores"
            )
        return next(iter(sizes))

    @cached_property
    def prepared(self) -> Prepared:
        return prepare(str(self.path), resolution=_asked(self.size, self.path), progress=self.progress)

    @property
    def count(self) -> int:
        return len(self.prepared.images)

    @property
    def brings_labels(self) -> str | None:
        return "the folder's" if self.prepared.labels is not None else None

    @property
    def checksum(self) -> str | None:
        return self.prepared.fingerprint

    def open_data(self, against: str | None, progress: Progress) -> Prepared:
        return _named_data(against, self.size, self.path, progress)

    def take(self, n: int, seed: int, progress: Progress) -> Drawn:
        rows, held = some_rows(self.count, n, seed), self.prepared
        labels = None if held.labels is None else np.array(held.classes)[held.labels[rows]]
        return Drawn(np.asarray(held.images[rows]), labels)


class File:
    """An npz: see ``read_npz``."""

    kind = "npz"
    seed = 0

    def __init__(self, path: Path):
        self.path, self.name = path, path.stem
        self.images, self.labels = read_npz(path)
        self.count = len(self.images)
        self.brings_labels = "the file's" if self.labels is not None else None
        with open(path, "rb") as file:
            self.checksum = hashlib.file_digest(file, "sha256").hexdigest()

    def open_data(self, against: str | None, progress: Progress) -> Prepared:
        return _named_data(against, (self.images.shape[2], self.images.shape[1]), self.path, progress)

    def take(self, n: int, seed: int, progress: Progress) -> Drawn:
        rows = some_rows(self.count, n, seed)
        return Drawn(self.images[rows], None if self.labels is None else self.labels[rows])


def some_rows(count: int, n: int, seed: int) -> np.ndarray:
    """min(n, count) rows, sorted; all of them where there are no more."""
    if n >= count:
        return np.arange(count)
    order = np.random.default_rng(randomness.derived_seed(seed, "evaluate-rows"))
    return np.sort(order.permutation(count)[:n])


def _choice(config: dict[str, Any], name: str) -> Any:
    entry = (config.get("choices") or {}).get(name)
    return entry.get("value") if isinstance(entry, dict) else None


def _named_data(against: str | None, size: tuple[int, int], path: Path, progress: Progress) -> Prepared:
    if against is None:
        raise InputError(f"name the real images that {path} is measured against: --against DATA")
    return prepare(against, resolution=_asked(size, path), progress=progress)


def _asked(size: tuple[int, int], path: Path) -> str:
    width, height = size
    if not (min(size) >= SMALLEST and max(size) <= LARGEST):
        raise InputError(
            f"the images of {path} are {width}x{height}, and real ones are prepared at {SMALLEST} to {LARGEST} px; "
            f"resize them first"
        )
    return f"{width}x{height}"
