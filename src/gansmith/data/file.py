"""One file of a folder, a zip or a hub, not read yet; and which names are not even looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from gansmith.data.seen import Stamp

METADATA = "metadata.csv"
SIDE_NAMES = frozenset({"thumbs.db", "desktop.ini", "license", "readme", "makefile", "__macosx"})
SIDE_SUFFIXES = frozenset(
    ".txt .json .jsonl .csv .tsv .md .rst .xml .yaml .yml .toml .html .log .ini .sha256 .md5".split()
)
SIDE_RULE = "hidden files and side files (.txt, .json, .csv and the like) are passed over"


@dataclass(frozen=True)
class File:
    """Something that may be a picture.

    Attributes:
        name: path from the root, with ``/``, printable.
        stamp: changes when the file does.
        read: gives its bytes. Raises RefusedError: too large, or cannot be read.
    """

    name: str
    stamp: Stamp
    read: Callable[[], bytes]


@dataclass
class Found:
    """What a folder or a zip holds.

    Attributes:
        files: what may be pictures, in the order of their names.
        metadata: the metadata.csv files.
        set_aside: (name, reason).
    """

    files: list[File]
    metadata: list[File]
    set_aside: list[tuple[str, str]]


def is_side(name: str) -> bool:
    """Whether a file or folder name is passed over without a word."""
    lower = name.lower()
    return lower.startswith(".") or lower in SIDE_NAMES or PurePosixPath(lower).suffix in SIDE_SUFFIXES


def sort_out(files: list[File], set_aside: list[tuple[str, str]]) -> Found:
    """Candidates and metadata files apart, each in the order of names."""
    files = sorted(files, key=lambda file: file.name)
    metadata = [file for file in files if PurePosixPath(file.name).name == METADATA]
    pictures = [file for file in files if not is_side(PurePosixPath(file.name).name)]
    return Found(pictures, metadata, sorted(set_aside))
