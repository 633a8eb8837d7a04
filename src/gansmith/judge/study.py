"""A study's folder: what is asked, which pictures are shown, and that nothing of it has changed.

``study.json`` (the design), ``pictures/`` (all that is shown), ``votes.sqlite``, ``results.json``, ``results.html``.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from gansmith.core.errors import InputError
from gansmith.core.files import read_json

FORMAT = 1
Protocol = Literal["unlimited", "timed", "pairs", "labels"]
PROTOCOLS: tuple[Protocol, ...] = ("unlimited", "timed", "pairs", "labels")
ONE_AT_A_TIME = ("unlimited", "timed")
FOR_RATERS = ("title", "consent")
"""What raters read and no vote refers to: it may change while a study goes on."""
REAL = 0
"""The place of the real data among the contenders."""


@dataclass(frozen=True)
class Picture:
    """One picture of a study.

    Attributes:
        of: the contender's place, 0 for the real data.
        use: "main", "practice", "check" or "mask".
        number: within its contender and use; in pairs, equal numbers are shown together.
        label: the class, where there are labels.
        good: whether it is the right one, or a real one; None where nobody knows.
        hash: of its file.
    """

    of: int
    use: str
    number: int
    label: str | None
    good: bool | None
    hash: str


@dataclass(frozen=True)
class Numbers:
    """How much is asked of a rater.

    Attributes:
        each: main trials for each contender judged alone (or each pair of contenders) in one session.
        blocks: sessions of different pictures, after which the pictures come round again.
        checks: attention checks in a session.
        practice: practice trials before it.
    """

    each: int
    blocks: int
    checks: int
    practice: int


@dataclass(frozen=True)
class Study:
    """One study, as its folder describes it.

    Attributes:
        path: the folder.
        id: random.
        title: what raters read at the top instead of the question, or ""; the contenders are not named to them.
        protocol: how it is asked.
        seed: of all orders.
        size: (width, height) of every picture.
        numbers: how much is asked.
        contenders: name, kind, source, folder (of a run, seen from the study's folder; else "") and fingerprint; the
            real data first.
        judged: places of the contenders that are compared.
        pictures: opaque id -> Picture.
        consent: words of one's own that replace the consent text, or "".
        asked: what the command line said.
    """

    path: Path
    id: str
    title: str
    protocol: Protocol
    seed: int
    size: tuple[int, int]
    numbers: Numbers
    contenders: tuple[dict[str, str], ...]
    judged: tuple[int, ...]
    pictures: dict[str, Picture]
    consent: str
    asked: dict[str, Any]
    made_by: str
    created: str

    @property
    def one_at_a_time(self) -> bool:
        """Whether each trial shows one picture."""
        return self.protocol in ONE_AT_A_TIME

    @property
    def names(self) -> list[str]:
        """The contenders' names, the real data's first."""
        return [contender["name"] for contender in self.contenders]

    @cached_property
    def fingerprint(self) -> str:
        """Changes with anything that a vote refers to; the votes carry it."""
        core = {key: value for key, value in self.as_json().items() if key not in FOR_RATERS}
        return hashlib.blake2b(json.dumps(core, sort_keys=True).encode(), digest_size=16).hexdigest()

    @cached_property
    def places(self) -> dict[tuple[int, str, int, bool | None], str]:
        """(of, use, number, good) -> id."""
        return {(p.of, p.use, p.number, p.good): name for name, p in self.pictures.items()}

    def used(self, use: str) -> list[str]:
        """The ids of one use, by number."""
        return sorted((n for n, p in self.pictures.items() if p.use == use), key=lambda n: (self.pictures[n].number, n))

    def file(self, name: str) -> Path:
        """The file of a picture."""
        return self.path / "pictures" / f"{name}.png"

    def as_json(self) -> dict[str, Any]:
        """The content of study.json."""
        told = {key: value for key, value in asdict(self).items() if key != "path"}
        return {"format": FORMAT, **told}

    def check_pictures(self) -> None:
        """Every picture is there and is the one it was.

        Raises: InputError: one is missing or has changed.
        """
        for name, picture in self.pictures.items():
            try:
                same = hash_of(self.file(name).read_bytes()) == picture.hash
            except OSError:
                same = False
            if not same:
                raise InputError(
                    f"{self.file(name)} is missing or not the picture this study began with; restore it, or begin "
                    "another study with --study DIR"
                )


def hash_of(content: bytes) -> str:
    """Sixteen hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def load(path: Path) -> Study:
    """Read a study, and check that its pictures are the ones it began with.

    Raises: InputError: no study there, one of a newer gansmith, one that was changed by hand, or other pictures.
    """
    file = Path(path) / "study.json"
    if not file.is_file():
        raise InputError(f"{path} holds no study (no study.json); begin one with gansmith judge RUN --against DATA")
    try:
        study = from_json(Path(path), read_json(file))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} cannot be read as a study ({error}); restore it or begin another") from error
    study.check_pictures()
    return study


def from_json(path: Path, told: dict[str, Any]) -> Study:
    """The study that ``as_json`` told of.

    Raises: InputError: a newer format. KeyError, TypeError, ValueError: not a study.
    """
    told = dict(told)
    if told.pop("format") > FORMAT:
        raise InputError(f"{path} was written by a newer gansmith; upgrade with: pip install -U gansmith")
    if told["protocol"] not in PROTOCOLS:
        raise ValueError(f"no protocol is named {told['protocol']!r}")
    if not re.fullmatch("[0-9a-f]{16}", told["id"]):
        raise ValueError("its id is impossible")
    if not all(name.isalnum() and name.isascii() for name in told["pictures"]):
        raise ValueError("a picture has an impossible name")
    told["size"], told["judged"] = tuple(told["size"]), tuple(told["judged"])
    told["numbers"] = Numbers(**told["numbers"])
    told["contenders"] = tuple(told["contenders"])
    told["pictures"] = {name: Picture(**picture) for name, picture in told["pictures"].items()}
    return Study(path=path, **told)


def unique(names: Sequence[str]) -> list[str]:
    """The same names, later ones of a kind numbered. Check: a, b, a -> a, b, a (2); no two are equal, ever."""
    out: list[str] = []
    for name in names:
        numbered = (f"{name} ({number})" for number in itertools.count(2))
        out.append(next(one for one in itertools.chain([name], numbered) if one not in out))
    return out
