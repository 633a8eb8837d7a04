"""The votes: one SQLite file that a kill at any moment leaves whole, with every vote that was answered for.

Write-ahead log with synchronous=FULL: a vote is on the disk before the rater's page hears that it is stored. The newest
votes lie in the log beside the file until it has grown to 100 pages or the page is closed. A rater is a number and the
hash of a random secret; no name, no address and no time of day is kept.
"""

import hashlib
import secrets
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TypeVar

from gansmith.core.errors import InputError, WorkError

FILE = "votes.sqlite"
APPLICATION = 0x67616E6A
MOST_RATERS = 10_000
WAIT_MS = 5_000
LOG_PAGES = 100

Result = TypeVar("Result")


@dataclass(frozen=True)
class Vote:
    """One answer.

    Attributes:
        rater: number, from 0.
        position: of the trial in the rater's plan.
        use: "practice", "check" or "main".
        first, second: ids of the pictures; second is "" where one is shown.
        group: the trial's contender or pair.
        label: the class that was asked for, or "".
        answer: 0 (real; left) or 1 (generated; right).
        right: whether that was right (1 or 0 once it is stored); None where nobody knows.
        response_ms: from when an answer was possible (the picture is there, or its masks are over) to the answer.
        exposure_ms: how long the picture was to be seen, None without a limit.
        shown_ms: how long the page says that it was.
    """

    rater: int
    position: int
    use: str
    first: str
    second: str
    group: int
    label: str
    answer: int
    right: bool | None
    response_ms: float
    exposure_ms: float | None
    shown_ms: float | None


COLUMNS = ("rater", "position", "use", "first", "second", '"group"', "label", "answer", '"right"',
           "response_ms", "exposure_ms", "shown_ms")  # fmt: skip
SCHEMA = f"""
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE raters (number INTEGER PRIMARY KEY, secret TEXT NOT NULL UNIQUE);
CREATE TABLE votes (
  rater INTEGER NOT NULL REFERENCES raters(number), position INTEGER NOT NULL, use TEXT NOT NULL, first TEXT NOT NULL,
  second TEXT NOT NULL, "group" INTEGER NOT NULL, label TEXT NOT NULL, answer INTEGER NOT NULL, "right" INTEGER,
  response_ms REAL NOT NULL, exposure_ms REAL, shown_ms REAL, PRIMARY KEY (rater, position)) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
"""
NAMES = [field.name for field in fields(Vote)]
assert len(COLUMNS) == len(NAMES)


@dataclass
class _Waiting:
    """A vote on its way to the disk, and what became of it: stored now, there before, or the reason why not."""

    vote: Vote
    stored: bool | sqlite3.Error | None = None


class Votes:
    """The votes of one study. May be used from several threads.

    Args:
        path: the study's folder.
        study: its fingerprint.
        create: make the file where there is none.
    Raises: InputError: the file holds the votes of another study, or is no such file; it is left as it is.
        WorkError: another program holds it.
    """

    def __init__(self, path: Path, study: str, create: bool = False):
        self.file = path / FILE
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        if self._empty() and not create:
            raise InputError(f"{path} holds no votes yet; open the study with: gansmith judge --study {path}")
        self._connection = self._open(study)

    def close(self) -> None:
        """Write the log back into the file and let go of it."""
        with self._lock:
            self._connection.close()

    def fact(self, name: str) -> str | None:
        """Something that is remembered beside the votes."""
        row = self._ask("SELECT value FROM facts WHERE name = ?", name)
        return row[0][0] if row else None

    def remember(self, name: str, value: str) -> None:
        """Remember it."""
        self._safely(
            lambda: self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value)).rowcount
        )

    def join(self) -> tuple[int, str]:
        """A new rater's number and secret. Numbers are 0, 1, 2, ... without gaps.

        Raises: WorkError: the disk is full, or there are 10,000 raters.
        """
        secret = secrets.token_urlsafe(18)
        statement = (
            f"INSERT INTO raters SELECT COUNT(*), ? FROM raters HAVING COUNT(*) < {MOST_RATERS} RETURNING number"
        )
        rows = self._safely(lambda: self._connection.execute(statement, (_hashed(secret),)).fetchall())
        if not rows:
            raise WorkError(f"{MOST_RATERS:,} raters have joined, and no more can")
        return rows[0][0], secret

    def rater(self, secret: str) -> int | None:
        """The number that belongs to a secret; None for a stranger's."""
        rows = self._ask("SELECT number FROM raters WHERE secret = ?", _hashed(secret))
        return rows[0][0] if rows else None

    def add(self, vote: Vote) -> bool:
        """Store a vote unless there is one of this rater and position; whether it is stored now.

        Votes that come at the same time share one transaction, and so one wait for the disk: whoever is first stores
        all that wait.
        Check: the same vote twice, from two threads, is stored once.
        Raises: WorkError: the disk is full.
        """
        mine = _Waiting(vote)
        self._waiting.append(mine)
        with self._lock:
            if mine.stored is None:
                self._store([self._waiting.popleft() for _ in range(len(self._waiting))])
        if isinstance(mine.stored, sqlite3.Error):
            raise self._unusable(mine.stored) from mine.stored
        return bool(mine.stored)

    def _store(self, waiting: list["_Waiting"]) -> None:
        """All of them, or none with the reason."""
        statement = f"INSERT INTO votes VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT DO NOTHING"
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            new = [self._connection.execute(statement, astuple(one.vote)).rowcount == 1 for one in waiting]
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            new = [error] * len(waiting)
        for one, stored in zip(waiting, new, strict=True):
            one.stored = stored

    def of(self, rater: int) -> list[Vote]:
        """A rater's votes, in order."""
        return self._votes("WHERE rater = ?", rater)

    def all(self) -> list[Vote]:
        """All votes, by rater and position."""
        return self._votes("")

    def joined(self) -> int:
        """How many raters there are."""
        return self._ask("SELECT COUNT(*) FROM raters")[0][0]

    def _votes(self, where: str, *values: object) -> list[Vote]:
        rows = self._ask(f"SELECT {', '.join(COLUMNS)} FROM votes {where} ORDER BY rater, position", *values)
        return [Vote(**dict(zip(NAMES, row))) for row in rows]

    def _ask(self, statement: str, *values: object) -> list[tuple]:
        return self._safely(lambda: self._connection.execute(statement, values).fetchall())

    def _safely(self, work: Callable[[], Result]) -> Result:
        """One statement at a time, each a transaction of its own."""
        try:
            with self._lock:
                return work()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> WorkError:
        if _is_locked(error):
            return WorkError(f"another program holds {self.file} ({error}); close that one and try again")
        return WorkError(f"cannot use {self.file} ({error}); free some space or restore it")

    def _empty(self) -> bool:
        """No file, or one of a process that was killed before it wrote anything."""
        return not self.file.is_file() or not self.file.stat().st_size

    def _open(self, study: str) -> sqlite3.Connection:
        other = InputError(
            f"{self.file} holds the votes of another study; put it back where it belongs, or begin a new study"
        )
        new = self._empty()
        try:
            connection = sqlite3.connect(self.file, check_same_thread=False, isolation_level=None)
            connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
            if new:
                connection.executescript(f"BEGIN; {SCHEMA} INSERT INTO facts VALUES ('study', '{study}'); COMMIT;")
            known = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
            if not known or connection.execute("SELECT value FROM facts WHERE name = 'study'").fetchone()[0] != study:
                connection.close()
                raise other
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        except sqlite3.DatabaseError as error:
            if _is_locked(error):
                raise self._unusable(error) from error
            if new:
                raise WorkError(f"cannot write {self.file} ({error}); free some space") from error
            raise InputError(f"{self.file} is damaged or no SQLite file ({error}); restore it from a copy") from error
        return connection


def _is_locked(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _hashed(secret: str) -> str:
    return hashlib.blake2b(secret.encode(), digest_size=16).hexdigest()
