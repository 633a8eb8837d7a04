"""Studies made of small real pictures, and raters that are simulated: who tells, who guesses, who does not look."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gansmith.core.progress import Progress
from gansmith.judge.booth import Booth
from gansmith.judge.making import open_or_make
from gansmith.judge.request import Request
from gansmith.judge.study import Study
from gansmith.judge.votes import Vote
from real_pictures import save_tiles, tiles

SECONDS = 1.2

Policy = Callable[[Study, dict[str, Any], random.Random], int]


def npz(path: Path, count: int, picture: str, labels: Iterable[str] | None = None) -> Path:
    """A stand-in for what a generator drew: crops of one photograph."""
    arrays = {"images": np.stack(tiles(count, picture=picture))}
    if labels is not None:
        arrays["labels"] = np.array(list(labels))
    np.savez(path, **arrays)
    return path


def folder(path: Path, count: int, labels: Iterable[str] = ()) -> Path:
    """Real pictures, all of one photograph that no generator saw, flat or in class folders."""
    names = list(labels) or ["."]
    pictures = tiles(count * len(names), picture="astronaut")
    for number, name in enumerate(names):
        save_tiles(path / name, pictures[number :: len(names)])
    return path


def study_of(sources: Iterable[Path], against: Path, path: Path, **asked: Any) -> Study:
    request = Request(sources=tuple(map(str, sources)), against=str(against), **asked)
    return open_or_make(request, path, Progress())


# --- raters


def _right(study: Study, trial: dict[str, Any]) -> int | None:
    """What somebody who sees everything would answer; None where both are contenders."""
    shown = [study.pictures[name] for name in trial["pictures"]]
    if study.one_at_a_time:
        return int(shown[0].of != 0 or shown[0].good is False)
    return None if shown[0].good is None else int(not shown[0].good)


def truthful(skill: float = 0.75, strengths: dict[int, float] | None = None) -> Policy:
    """Sees what is plain, tells real from generated with some probability, prefers by strength."""

    def answer(study: Study, trial: dict[str, Any], rng: random.Random) -> int:
        right = _right(study, trial)
        if right is None:
            left, other = ((strengths or {}).get(study.pictures[name].of, 0.0) for name in trial["pictures"])
            return int(rng.random() > 1 / (1 + np.exp(other - left)))
        plain = study.pictures[trial["pictures"][0]].use != "main"
        return right if plain or rng.random() < skill else 1 - right

    return answer


def guesser(_study: Study, _trial: dict[str, Any], rng: random.Random) -> int:
    return rng.randrange(2)


def leaning(share: float) -> Policy:
    """Does not look, and says the same most of the time."""
    return lambda _study, _trial, rng: int(rng.random() < share)


def same_key(_study: Study, _trial: dict[str, Any], _rng: random.Random) -> int:
    return 1


def patient(threshold_ms: float) -> Policy:
    """Sees what is plain, and is right three times of four at the threshold."""

    def answer(study: Study, trial: dict[str, Any], rng: random.Random) -> int:
        right = _right(study, trial)
        assert right is not None
        if study.pictures[trial["pictures"][0]].use != "main":
            return right
        sees = 0.5 + 0.5 / (1 + np.exp((threshold_ms - trial["exposure_ms"]) / (threshold_ms / 5)))
        return right if rng.random() < sees else 1 - right

    return answer


# --- a booth without a disk


@dataclass
class Memory:
    """Votes as the booth knows them, in a list."""

    stored: list[Vote] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def join(self) -> tuple[int, str]:
        self.secrets.append(f"secret {len(self.secrets)}")
        return len(self.secrets) - 1, self.secrets[-1]

    def rater(self, secret: str) -> int | None:
        return self.secrets.index(secret) if secret in self.secrets else None

    def add(self, vote: Vote) -> bool:
        self.stored.append(vote)
        return True

    def of(self, rater: int) -> list[Vote]:
        return [vote for vote in self.stored if vote.rater == rater]


def visits(study: Study, policies: Iterable[Policy], seed: int = 0, votes: Any = None) -> list[Vote]:
    """A whole visit of each rater, at 1.2 seconds an answer; all votes."""
    now = [0.0]
    votes = votes or Memory()
    booth = Booth(study, votes, clock=lambda: now[0])
    for number, policy in enumerate(policies):
        rng, secret = random.Random(f"{seed}/{number}"), booth.join()
        standing = booth.state(secret)
        while standing["trial"]:
            now[0] += 2 * SECONDS
            answer = policy(study, standing["trial"], rng)
            trial = standing["trial"]
            sent = standing["position"], trial["pictures"], answer, 1000 * SECONDS, trial["exposure_ms"]
            standing = booth.vote(secret, *sent)
    return votes.stored if isinstance(votes, Memory) else votes.all()
