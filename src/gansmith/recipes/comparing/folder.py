"""The folder of a comparison: what was asked, the runs, and what came out."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.files import read_json, write_json

try:
    import fcntl
except ImportError:  # where there is none, two calls at a time are not noticed
    fcntl = None  # type: ignore[assignment]

FORMAT = 1
ROOT = Path("comparisons")


@dataclass(frozen=True)
class ComparisonFolder:
    """Names the files of one comparison."""

    path: Path

    @property
    def record(self) -> Path:
        return self.path / "comparison.json"

    @property
    def page(self) -> Path:
        return self.path / "comparison.html"

    @property
    def picture(self) -> Path:
        return self.path / "comparison.png"

    @property
    def pictures(self) -> Path:
        return self.path / "pictures"

    def read(self) -> dict[str, Any]:
        """What comparison.json holds; {} where nothing has begun.

        Raises: InputError: the folder holds something else, or a newer gansmith wrote it.
        """
        if not self.record.is_file():
            self._refuse_other_things()
            return {}
        try:
            record = read_json(self.record)
        except ValueError as error:
            raise InputError(f"{self.record} is not readable JSON ({error}); choose another --out") from error
        if not isinstance(record, dict) or record.get("format", 0) > FORMAT:
            raise InputError(f"{self.record} was written by a newer gansmith; upgrade with: pip install -U gansmith")
        return record

    def _refuse_other_things(self) -> None:
        if self.path.exists() and not (self.path.is_dir() and _left_by_a_beginning(self.path)):
            raise InputError(f"{self.path} is there and holds no comparison; choose another --out")

    def write(self, record: dict[str, Any]) -> None:
        """Write comparison.json, whole."""
        write_json(self.record, record)

    @contextmanager
    def held(self) -> Iterator[int | None]:
        """One call at a time works in the folder; the lock is a file that child processes keep open too.

        Raises: InputError: when another one is at work.
        """
        if fcntl is None:
            yield None
            return
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.path / "lock", "ab") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InputError(f"another gansmith compare is at work in {self.path}; wait for its end") from error
            yield handle.fileno()


def next_folder(data_name: str) -> ComparisonFolder:
    """``comparisons/DATA-NNN``, the first number not taken."""
    number = 1
    while (path := ROOT / f"{data_name}-{number:03d}").exists():
        number += 1
    return ComparisonFolder(path)


def unfinished(asked: dict[str, Any]) -> ComparisonFolder | None:
    """The first folder of that kind where the same was asked and no result is yet."""
    for path in sorted(ROOT.glob("*/comparison.json")):
        with suppress(InputError):  # what cannot be read is none of ours
            record = ComparisonFolder(path.parent).read()
            if record.get("asked") == asked and "results" not in record:
                return ComparisonFolder(path.parent)
    return None


def _left_by_a_beginning(path: Path) -> bool:
    """Whether there is nothing but the lock of a call that was killed at once."""
    return all(entry.name == "lock" for entry in path.iterdir())
