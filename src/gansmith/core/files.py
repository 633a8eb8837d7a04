"""Files that are whole or absent: atomic writes, JSON lines, the cache's place."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from gansmith.core.errors import WorkError

CACHE_VARIABLE = "GANSMITH_CACHE"
CACHE_LIMIT_VARIABLE = "GANSMITH_CACHE_GB"


def asset(room: str, name: str) -> str:
    """A text that lies in a room's folder ``assets``, such as ("report", "page.css")."""
    return files(f"gansmith.{room}").joinpath("assets", name).read_text(encoding="utf-8")


def cache_folder() -> Path:
    """Where prepared data and features are kept: $GANSMITH_CACHE, else ~/.cache/gansmith."""
    return Path(os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache" / "gansmith")


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary neighbour, flush it to the disk, and rename it to ``path``.

    Check: a process killed at any moment leaves the old content or the new, never a part.
    Raises: WorkError: when the disk is full or not writable; the old content stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        with open(temporary, "rb") as handle:
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise WorkError(
            f"cannot write {path}: {error.strerror or error}; free some space or choose another place"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def remove_temporaries(folder: Path) -> None:
    """Remove what killed processes left half written below a folder."""
    for left in folder.rglob(".*.tmp"):
        left.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON atomically; NaN and infinities are refused."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read one JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def append_jsonl(path: Path, row: dict[str, Any]) -> None:
    """Append one row to a JSON-lines file; non-finite numbers become null."""
    line = json.dumps(_finite(row), allow_nan=False)
    try:
        with open(path, "a", encoding="utf-8") as handle:
            handle.write(line + "\n")
    except OSError as error:
        raise WorkError(f"cannot write {path}: {error.strerror or error}; free some space") from error


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON-lines file; a torn last line is left out."""
    if not path.exists():
        return
    with open(path, encoding="utf-8") as handle:
        for line in handle:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                return


def remove_tree(path: Path) -> None:
    """Remove a folder if it is there."""
    shutil.rmtree(path, ignore_errors=True)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
