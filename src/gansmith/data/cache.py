"""The cache of prepared sets: whole or absent, limited in size, never losing a set that is in use."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gansmith.core.errors import InputError, WorkError
from gansmith.core.files import CACHE_LIMIT_VARIABLE, CACHE_VARIABLE, cache_folder, remove_tree

try:
    import fcntl
except ImportError:  # where there is none, a file that is open cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

DEFAULT_LIMIT_GB = 20.0
BUILDING, LOCK, DONE = ".building-", "lock", "report.json"
_held: dict[Path, BinaryIO] = {}


def prepared_folder() -> Path:
    """Where prepared sets are: one folder a key."""
    return cache_folder() / "prepared"


def limit_bytes() -> float:
    """The size limit of all prepared sets together.

    Raises: InputError: the environment variable is not a number above zero.
    """
    text = os.environ.get(CACHE_LIMIT_VARIABLE) or str(DEFAULT_LIMIT_GB)
    try:
        limit = float(text)
    except ValueError:
        limit = -1.0
    if not limit > 0:
        raise InputError(f"{CACHE_LIMIT_VARIABLE}={text!r} is not a size in GB; set a number such as 20")
    return limit * 1e9


def find(key: str, whole: Callable[[Path], bool]) -> Path | None:
    """The prepared set of that key, marked as used now; None, and nothing left of it, when it is not ``whole``."""
    folder = prepared_folder() / key
    if not (folder / DONE).is_file():
        return None
    with suppress(OSError), guard():  # a cache that is read-only, or a set that was removed just now
        hold(folder)
        os.utime(folder / DONE)
    if whole(folder):
        return folder
    release(folder)
    remove_tree(folder)
    return None


def build(key: str, fill: Callable[[Path], None]) -> Path:
    """Let ``fill`` make the set in a temporary folder, then give it its name.

    Check: a process killed at any moment leaves no set that ``find`` would give.
    Raises: WorkError: the disk is full or not writable; what ``fill`` raises otherwise.
    """
    temporary = None
    limit_bytes()
    try:
        prepared_folder().mkdir(parents=True, exist_ok=True)
        with guard():
            sweep()
            temporary = Path(tempfile.mkdtemp(prefix=BUILDING, dir=prepared_folder()))
            hold(temporary)
        fill(temporary)
        flush(temporary)
        with guard():
            return publish(temporary, prepared_folder() / key)
    except OSError as error:
        fix = f"free some space or set {CACHE_VARIABLE} to another place"
        raise WorkError(f"cannot write the cache {cache_folder()}: {error.strerror or error}; {fix}") from error
    finally:
        if temporary is not None:
            release(temporary)
            remove_tree(temporary)


def publish(temporary: Path, folder: Path) -> Path:
    """Rename; where another process was faster, its equal set is used. Then make room."""
    if folder.exists() and not (folder / DONE).is_file():
        remove_tree(folder)
    try:
        os.rename(temporary, folder)
    except OSError:
        if not (folder / DONE).is_file():
            raise
    hold(folder)
    make_room(folder)
    return folder


def flush(folder: Path) -> None:
    """Put every file of a folder on the disk, before its name says that it is whole."""
    for path in folder.iterdir():
        with open(path, "rb") as handle:
            os.fsync(handle.fileno())


def make_room(keep: Path) -> None:
    """Remove the least recently used sets until all fit the limit; ``keep`` and sets in use stay."""
    done = [f for f in prepared_folder().iterdir() if (f / DONE).is_file()]
    sizes = {f: sum(p.stat().st_size for p in f.rglob("*") if p.is_file()) for f in done}
    total = sum(sizes.values())
    for folder in sorted(done, key=lambda f: (f / DONE).stat().st_mtime):
        if total <= limit_bytes():
            return
        if folder != keep and remove_unused(folder):
            total -= sizes[folder]


def sweep() -> None:
    """Remove what killed preparations left behind."""
    for folder in prepared_folder().glob(BUILDING + "*"):
        remove_unused(folder)


@contextmanager
def guard() -> Iterator[None]:
    """One process at a time gives, names and removes sets."""
    with open(cache_folder() / "guard", "ab") as handle:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def hold(folder: Path) -> None:
    """Mark a folder as in use by this process until it ends."""
    if folder in _held:
        return
    handle = open(folder / LOCK, "ab")  # noqa: SIM115 (held until the process ends)
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_SH)
    _held[folder] = handle


def release(folder: Path) -> None:
    """No longer in use by this process."""
    if handle := _held.pop(folder, None):
        handle.close()


def remove_unused(folder: Path) -> bool:
    """Remove a folder unless a living process holds it; whether it was removed."""
    if folder in _held:
        return False
    try:
        with open(folder / LOCK, "ab") as handle:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (folder / DONE).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return False
    return not folder.exists()
