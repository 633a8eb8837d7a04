"""IDX files (the format of MNIST): arrays of bytes behind a short header, gzipped or not.

The header is two zero bytes, one for the type (8: unsigned byte), one for the number of dimensions,
then each dimension as a big-endian 32-bit number. Source: LeCun, Cortes, Burges, the MNIST page.
"""

import gzip
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from PIL import Image

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.collection import Collection, RefusedError, ordered_classes
from gansmith.data.decode import to_plan
from gansmith.data.plan import Plan
from gansmith.data.seen import Seen, file_hash, joined_hash

NAME = re.compile(r"(?P<stem>.*)images[-.]idx3[-.]ubyte(?P<gz>\.gz)?")
LARGEST_SIDE, CHUNK_ROWS = 4096, 256


@contextmanager
def opened(path: Path) -> Iterator[BufferedIOBase]:
    """The file's bytes, unzipped on the way where it is gzip.

    Raises: InputError: not readable, or damaged gzip, at any moment of reading.
    """
    try:
        with open(path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            yield gzip.GzipFile(fileobj=raw) if packed else raw
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}); fetch it again") from error


def dimensions(stream: BufferedIOBase, path: Path, expected: int) -> tuple[int, ...]:
    """Read the header and give the dimensions.

    Raises: InputError: not IDX of unsigned bytes with the expected number of dimensions.
    """
    header = stream.read(4)
    if header != bytes((0, 0, 8, expected)):
        raise InputError(f"{path} is not an IDX file of {expected} dimensions (its first bytes are {header.hex(' ')})")
    sizes = stream.read(4 * expected)
    if len(sizes) != 4 * expected:
        raise InputError(f"{path} ends within its header; fetch it again")
    return struct.unpack(f">{expected}I", sizes)


def read_labels(path: Path, count: int) -> np.ndarray:
    """(count,) uint8 from an idx1 file.

    Raises: InputError: damaged, or not one label an image.
    """
    with opened(path) as stream:
        (length,) = dimensions(stream, path, 1)
        if length != count:
            raise InputError(f"{path} holds {length:,} labels for {count:,} images; fetch both files again")
        content = stream.read(count + 1)
    if len(content) != count:
        raise InputError(f"{path} promises {count:,} labels and holds {len(content):,}; fetch it again")
    return np.frombuffer(content, np.uint8)


def read_rows(path: Path) -> Iterator[np.ndarray]:
    """(k, H, W) uint8, a few rows at a time; only those are in memory.

    Raises: InputError: fewer or more bytes than the header promises.
    """
    with opened(path) as stream:
        count, height, width = dimensions(stream, path, 3)
        for start in range(0, count, CHUNK_ROWS):
            rows = min(CHUNK_ROWS, count - start)
            content = stream.read(rows * height * width)
            if len(content) != rows * height * width:
                raise InputError(f"{path} ends before its {count:,} images do; fetch it again")
            yield np.frombuffer(content, np.uint8).reshape(rows, height, width)
        if stream.read(1):
            raise InputError(f"{path} goes on after its {count:,} images; fetch it again")


def image_files(place: Path) -> list[Path]:
    """The idx3 files at a path, training before test: the file itself, or those in the folder."""
    stems: dict[str, Path] = {}
    for path in [place] if place.is_file() else sorted(place.iterdir()):
        if match := NAME.fullmatch(path.name):
            stems.setdefault(match["stem"], path)  # of a pair, the unzipped one comes first
    return sorted(stems.values(), key=lambda path: (not path.name.startswith("train"), path.name))


def is_idx(place: Path) -> bool:
    """Whether a file begins like IDX, or is named so."""
    with opened(place) as stream:
        return bool(image_files(place)) or stream.read(3) == b"\0\0\x08"


def label_file(images: Path) -> Path | None:
    """The idx1 file that belongs to an idx3 file, where there is one."""
    plain = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    return next((p for p in (images.with_name(plain), images.with_name(plain + ".gz")) if p.is_file()), None)


@dataclass
class IdxCollection(Collection):
    """Pictures in idx3 files, streamed row by row."""

    files: list[Path] = field(default_factory=list)
    seen: Seen | None = None

    def remember(self) -> None:
        """See Collection."""
        if self.seen:
            self.seen.save()

    def pictures(self, plan: Plan, progress: Progress) -> Iterator[np.ndarray | RefusedError]:
        """See Collection; rows that have the plan's size already are handed on untouched."""
        for path in self.files:
            for rows in read_rows(path):
                for row in rows:
                    as_is = plan.shape == (*row.shape, 1)
                    yield row[..., None] if as_is else to_plan(Image.fromarray(row), plan)


def idx_collection(place: Path, name: str, class_names: Sequence[str] = ()) -> IdxCollection:
    """The IDX files at a path: ``train-*`` with ``t10k-*`` or ``test-*`` are the splits.

    Args:
        class_names: what the labels mean; without them they are called by their numbers.
    Raises: InputError: damaged files, or labels for some of the files only.
    """
    files = image_files(place)
    shapes = [image_shape(path) for path in files]
    counts = [count for count, _, _ in shapes]
    label_files = [path for path in map(label_file, files) if path]
    labels = all_labels(files, counts, class_names)
    brought = ["test" if path.name.startswith(("t10k", "test")) else "train" for path in files]
    both = {"train", "test"} <= set(brought)
    seen = Seen(place)
    return IdxCollection(
        name=name,
        names=[f"{path.name}#{row}" for path, count in zip(files, counts) for row in range(count)],
        key=joined_hash(file_hash(path, seen) for path in files + label_files),
        sizes=size_counts(shapes),
        modes=Counter(L=sum(counts)),
        labels=labels,
        brought=[split for split, count in zip(brought, counts) for _ in range(count)] if both else None,
        classes=list(class_names) if labels and class_names else ordered_classes(labels or []),
        rules=["IDX files; the t10k or test file is the test split"] if both else ["IDX files"],
        facts={"files_read": len(files) + len(label_files)},
        files=files,
        seen=seen,
    )


def image_shape(path: Path) -> tuple[int, int, int]:
    """(count, height, width) by the header of an idx3 file.

    Raises: InputError: not such a file, or a size that nobody means.
    """
    with opened(path) as stream:
        count, height, width = dimensions(stream, path, 3)
    if not 0 < min(height, width) <= max(height, width) <= LARGEST_SIDE:
        raise InputError(f"{path} promises images of {width}x{height}; at most {LARGEST_SIDE} a side are read")
    return count, height, width


def size_counts(shapes: list[tuple[int, int, int]]) -> Counter[tuple[int, int]]:
    """(count, height, width) of each file -> (width, height) -> count."""
    sizes: Counter[tuple[int, int]] = Counter()
    for count, height, width in shapes:
        sizes[width, height] += count
    return sizes


def all_labels(files: list[Path], counts: list[int], class_names: Sequence[str]) -> list[str] | None:
    """The class of every image of the files in order, or None when no file has labels.

    Raises: InputError: labels for some files only, or one without a name.
    """
    beside = [label_file(path) for path in files]
    if not any(beside):
        return None
    numbers: list[int] = []
    for path, labels, count in zip(files, beside, counts):
        if labels is None:
            raise InputError(f"{path} has no label file and others do; add it or take the idx1 files away")
        numbers += read_labels(labels, count).tolist()
    if class_names and numbers and max(numbers) >= len(class_names):
        raise InputError(f"{beside[0]} holds a label above {len(class_names) - 1}; fetch it again")
    return [class_names[number] if class_names else str(number) for number in numbers]
