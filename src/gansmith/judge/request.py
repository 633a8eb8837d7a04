"""What is asked of a study, checked before anything is drawn."""

from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.judge import staircase
from gansmith.judge.statistics.screening import CHECKS
from gansmith.judge.study import FOR_RATERS, ONE_AT_A_TIME, Numbers, Protocol

TRIALS = {"unlimited": 100, "timed": staircase.TRIALS, "pairs": 60, "labels": 60}
FEWEST_TRIALS, MOST_TRIALS = 10, 2000
MOST_IMAGES = 10_000
PRACTICE_ALONE, PRACTICE_IN_PAIRS = 6, 4


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for.

    Attributes:
        sources: runs, folders, npz files that are judged.
        against: the real data.
        protocol: how.
        include_real: let the real data compete in pairs.
        trials: main trials a session, before they are divided equally; None for the protocol's own number.
        images: about how many pictures of each contender.
        resolution: "64" or "96x64"; None for the smallest of all.
        seed: of pictures and orders.
        title, consent: words for the raters; "" for our own.
    """

    sources: tuple[str, ...]
    against: str
    protocol: Protocol
    include_real: bool = False
    trials: int | None = None
    images: int = 100
    resolution: str | None = None
    seed: int = 0
    title: str = ""
    consent: str = ""

    @property
    def alone(self) -> bool:
        """Whether each trial shows one picture."""
        return self.protocol in ONE_AT_A_TIME

    @property
    def judged(self) -> tuple[int, ...]:
        """Places of the contenders that are compared; 0 is the real data."""
        return tuple(range(0 if self.include_real else 1, len(self.sources) + 1))

    @property
    def groups(self) -> list[Any]:
        """What the trials are divided among: contenders, or pairs of them."""
        return list(self.judged) if self.alone else list(combinations(self.judged, 2))

    @property
    def session(self) -> int:
        """Main trials a session that were asked for; a staircase for each source where it is timed."""
        return self.trials or TRIALS[self.protocol] * (len(self.sources) if self.protocol == "timed" else 1)

    def numbers(self, blocks: int) -> Numbers:
        """How much is asked of a rater, with so many blocks of pictures. In judging alone, half is real."""
        share = 2 if self.alone else 1
        each = max(1, round(self.session / len(self.groups) / share))
        practice = PRACTICE_ALONE if self.alone else PRACTICE_IN_PAIRS
        return Numbers(each, blocks, CHECKS, practice)

    def as_json(self) -> dict[str, Any]:
        """The request as study.json keeps it; its words for raters may change and stand there by themselves."""
        told = asdict(self) | {"sources": list(self.sources), "trials": self.session}
        return {key: value for key, value in told.items() if key not in FOR_RATERS}

    def check(self) -> None:
        """Refuse what cannot be asked.

        Raises: InputError.
        """
        count, protocol = len(self.sources), self.protocol
        if not count:
            raise InputError("name what is to be judged: gansmith judge RUN --against DATA")
        if self.include_real and self.alone:
            raise InputError(f"real pictures are always shown with --protocol {protocol}; leave --include-real out")
        if not self.groups:
            raise InputError(f"--protocol {protocol} compares; name a second source, or add --include-real")
        if not FEWEST_TRIALS <= self.session <= MOST_TRIALS:
            raise InputError(f"--trials {self.session} is outside {FEWEST_TRIALS} to {MOST_TRIALS}")
        if self.images > MOST_IMAGES:
            raise InputError(f"--images {self.images} is more than {MOST_IMAGES:,}, which nobody will ever look at")
        least = staircase.FEWEST * count if protocol == "timed" else len(self.groups) * (2 if self.alone else 1)
        if self.session < least:
            raise InputError(f"--trials {self.session} are too few for so many contenders; ask for {least} or more")


def next_folder(name: str, protocol: str, root: Path = Path("studies")) -> Path:
    """``studies/DATA-PROTOCOL-NNN``, the first number not taken."""
    number = 1
    while (path := root / f"{name}-{protocol}-{number:03d}").exists():
        number += 1
    return path
