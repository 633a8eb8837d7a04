"""All files below a folder, links followed once, loops and special files set aside."""

import os
import stat
from functools import partial
from pathlib import Path

from gansmith.data.collection import RefusedError, UnreadableError
from gansmith.data.decode import MOST_BYTES
from gansmith.data.file import File, Found, is_side, sort_out


def printable(name: str) -> str:
    r"""A file name as text that can be written; bytes that are no text become ``\xNN``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read_file(path: str) -> bytes:
    """A file's bytes.

    Raises: RefusedError: too large or not readable.
    """
    try:
        with open(path, "rb") as handle:
            content = handle.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"cannot be read ({error.strerror or error})") from error
    if len(content) > MOST_BYTES:
        raise RefusedError(f"larger than {MOST_BYTES >> 20} MB")
    return content


def folder_files(root: Path) -> Found:
    """Walk a folder: real folders first, then linked ones that were not met yet.

    Check: a link to a folder above ends the walk there, and is set aside with that reason.
    """
    files: list[File] = []
    aside: list[tuple[str, str]] = []
    links: list[tuple[str, str]] = []
    met: set[tuple[int, int]] = set()
    waiting = [("", str(root))]
    while waiting or links:
        prefix, folder = waiting.pop() if waiting else links.pop(0)
        try:
            status = os.stat(folder)
            if (identity := (status.st_dev, status.st_ino)) in met:
                aside.append((prefix, "a link to a folder that is read already (a loop)"))
                continue
            met.add(identity)
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            aside.append((prefix, f"cannot be opened ({error.strerror or error})"))
            continue
        for entry in entries:
            if not entry.name.startswith(".") and entry.name != "__MACOSX":
                sort_entry(entry, prefix + printable(entry.name), files, aside, waiting, links)
    return sort_out(files, aside)


def sort_entry(
    entry: os.DirEntry,
    name: str,
    files: list[File],
    aside: list[tuple[str, str]],
    waiting: list[tuple[str, str]],
    links: list[tuple[str, str]],
) -> None:
    """Put one entry of a folder where it belongs."""
    try:
        status = entry.stat()
    except OSError:
        aside.append((name, "a link that leads nowhere or to itself"))
        return
    if stat.S_ISDIR(status.st_mode):
        (links if entry.is_symlink() else waiting).append((f"{name}/", entry.path))
    elif stat.S_ISREG(status.st_mode):
        files.append(File(name, (status.st_size, status.st_mtime_ns), partial(read_file, entry.path)))
    elif not is_side(entry.name):
        aside.append((name, "not a regular file"))
