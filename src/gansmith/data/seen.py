"""What is remembered of files between calls, so that an unchanged one is not read and hashed again.

A file is unchanged when its path, size and time of last change are. One JSON file in the cache a place.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gansmith.core.files import cache_folder, write_text

FORMAT = 1
Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds."""


def content_hash(content: bytes) -> str:
    """32 hex digits of BLAKE2b."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def joined_hash(parts: Iterable[str]) -> str:
    """One hash of many strings in order. Check: ["ab", "c"] and ["a", "bc"] differ."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return state.hexdigest()


class Seen:
    """Path -> what was found in it, valid while its (size, mtime in ns) are the same.

    Args:
        place: the folder or file that the user named; each place has its own memory.
    """

    def __init__(self, place: Path):
        self.file = cache_folder() / "seen" / f"{joined_hash([os.path.abspath(place)])}.json"
        self.known: dict[str, list[Any]] = self._read()
        self.now: dict[str, list[Any]] = {}

    def get(self, path: str, stamp: Stamp) -> Any | None:
        """What was remembered of an unchanged file, else None."""
        record = self.known.get(path)
        if record is None or record[:2] != list(stamp):
            return None
        self.now[path] = record
        return record[2]

    def put(self, path: str, stamp: Stamp, found: Any) -> None:
        """Remember a JSON-able thing about a file."""
        self.now[path] = [*stamp, found]

    def save(self) -> None:
        """Keep what was got or put since the start; the rest is forgotten."""
        if self.now != self.known:
            write_text(self.file, json.dumps({"format": FORMAT, "files": self.now}))

    def _read(self) -> dict[str, list[Any]]:
        try:
            content = json.loads(self.file.read_text(encoding="utf-8"))
            return content["files"] if content["format"] == FORMAT else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


def file_hash(path: Path, seen: Seen) -> str:
    """The content hash of one file, remembered. Memory stays small for files of any size."""
    status = path.stat()
    stamp = status.st_size, status.st_mtime_ns
    if (known := seen.get(str(path), stamp)) is None:
        with open(path, "rb") as handle:
            known = hashlib.file_digest(handle, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        seen.put(str(path), stamp, known)
    return known
