"""The files in a zip, read in place: nothing is ever unpacked to the disk."""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from gansmith.core.errors import InputError
from gansmith.data.collection import RefusedError
from gansmith.data.decode import MOST_BYTES
from gansmith.data.file import File, Found, is_side, sort_out
from gansmith.data.seen import Stamp

MOST_RATIO, RATIO_MATTERS_BYTES = 200, 2**24


def refusal(entry: zipfile.ZipInfo) -> str | None:
    """Why an entry is not read, by what the archive says of it; None when it may be."""
    parts = entry_parts(entry)
    if parts[0] == "/" or ".." in parts or ":" in parts[0]:
        return "its path leads out of the zip"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link inside a zip"
    if entry.flag_bits & 1:
        return "encrypted"
    if entry.file_size > MOST_BYTES:
        return f"larger than {MOST_BYTES >> 20} MB when unpacked"
    if entry.file_size > max(RATIO_MATTERS_BYTES, MOST_RATIO * entry.compress_size):
        return f"unpacks to more than {MOST_RATIO} times its size"
    return None


def entry_parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """The parts of an entry's path, whichever slash its maker used; ("/", ...) when it is absolute."""
    return PurePosixPath(entry.filename.replace("\\", "/")).parts or ("/",)


def zip_files(place: Path) -> Found:
    """The entries of a zip.

    Raises: InputError: not a zip, or its directory is damaged.
    """
    try:
        archive = zipfile.ZipFile(place)
        status = place.stat()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{place} is not a zip that can be read ({error}); pack it again") from error
    stamp = status.st_size, status.st_mtime_ns
    files: dict[str, File] = {}
    aside: list[tuple[str, str]] = []
    for entry in archive.infolist():
        parts = entry_parts(entry)
        if entry.is_dir() or any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts):
            continue
        if is_side(parts[-1]) and parts[-1] != "metadata.csv":
            continue
        if reason := refusal(entry):
            aside.append((entry.filename, reason))
        elif entry.filename in files:
            aside.append((entry.filename, "a second entry of the same name"))
        else:
            files[entry.filename] = entry_file(archive, entry, stamp)
    return sort_out(list(files.values()), aside)


def entry_file(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, stamp: Stamp) -> File:
    """One entry, read when asked; never more than it promised."""

    def read() -> bytes:
        try:
            with archive.open(entry) as handle:
                return handle.read(MOST_BYTES)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
            raise RefusedError(f"damaged within the zip ({error})") from error

    return File(entry.filename, stamp, read)
