"""Where a rater stands and what comes next: the study's side of the page, without the web."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gansmith.judge import staircase
from gansmith.judge.plan import Trial, plan
from gansmith.judge.study import Study
from gansmith.judge.votes import Vote, Votes

AHEAD = 2


class OutOfTurnError(ValueError):
    """A vote on a trial that has not come yet, or on other pictures than the rater's: a tab that was left open."""


@dataclass
class _Rater:
    """What is kept in memory of one rater; all of it follows from the votes."""

    number: int
    trials: tuple[Trial, ...]
    votes: list[Vote]
    since: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Booth:
    """Hands out trials and takes votes. May be used from several threads; one process at a time serves a study.

    Args:
        study: what is asked.
        votes: where they are kept.
        clock: seconds, for the time between two votes.
    """

    def __init__(self, study: Study, votes: Votes, clock: Callable[[], float] = time.monotonic):
        self.study, self.votes, self.clock = study, votes, clock
        self.masks = study.used("mask")
        self._raters: dict[str, _Rater] = {}
        self._lock = threading.Lock()

    def join(self) -> str:
        """A new rater's secret."""
        return self.votes.join()[1]

    def state(self, secret: str) -> dict[str, Any] | None:
        """Where a rater stands; None for a stranger."""
        rater = self._rater(secret)
        if rater is None:
            return None
        with rater.lock:
            return self._standing(rater)

    def vote(
        self,
        secret: str,
        position: int,
        pictures: Sequence[str],
        answer: int,
        response_ms: float,
        shown_ms: float | None,
    ) -> dict[str, Any] | None:
        """Take one vote on what was shown; what to say of it in practice, and what comes next. None for a stranger.

        The first answer to a trial stands: a double click, or a second try after a lost reply, stores nothing and
        gets the reply of the first. A response cannot have taken longer than it was possible by the server's clock.
        Check: any vote sent any number of times is stored once; a vote on another rater's pictures is not stored.
        Raises: OutOfTurnError: the trial is still to come, or shows other pictures. WorkError: the disk is full.
        """
        rater = self._rater(secret)
        if rater is None:
            return None
        with rater.lock:
            if position > len(rater.votes) or position >= len(rater.trials):
                raise OutOfTurnError(f"trial {position} is not the next one")
            if tuple(pictures) != rater.trials[position].pictures:
                raise OutOfTurnError(f"trial {position} of this rater shows other pictures")
            if position == len(rater.votes):
                self._store(rater, answer, response_ms, shown_ms)
            return self._standing(rater) | {"feedback": self._feedback(rater, position)}

    def _store(self, rater: _Rater, answer: int, response_ms: float, shown_ms: float | None) -> None:
        position, now = len(rater.votes), self.clock()
        trial = rater.trials[position]
        exposure = self._exposure(rater)
        before = 0 if exposure is None else staircase.before_answer(exposure)
        waited = float("inf") if rater.since is None else max(0.0, (now - rater.since) * 1000 - before)
        vote = Vote(
            rater=rater.number,
            position=position,
            use=trial.use,
            first=trial.pictures[0],
            second=trial.pictures[1] if len(trial.pictures) > 1 else "",
            group=trial.group,
            label=trial.label or "",
            answer=answer,
            right=None if trial.right is None else answer == trial.right,
            response_ms=round(min(response_ms, waited), 1),
            exposure_ms=exposure,
            shown_ms=None if shown_ms is None else round(shown_ms, 1),
        )
        if self.votes.add(vote):
            rater.votes.append(vote)
        else:  # somebody else wrote to the file; what it holds is what counts
            rater.votes = self.votes.of(rater.number)
        rater.since = self.clock()

    def _standing(self, rater: _Rater) -> dict[str, Any]:
        position, practice = len(rater.votes), self.study.numbers.practice
        told: dict[str, Any] = {"position": position, "practice": practice, "total": len(rater.trials), "trial": None}
        told["swapped"] = self.study.one_at_a_time and rater.number % 2 == 1
        if position < len(rater.trials):
            trial = rater.trials[position]
            told["trial"] = {
                "pictures": trial.pictures,
                "label": trial.label,
                "exposure_ms": self._exposure(rater),
                "masks": self.masks,
            }
            told["ahead"] = [name for trial in rater.trials[position + 1 :][:AHEAD] for name in trial.pictures]
        return told

    def _feedback(self, rater: _Rater, position: int) -> dict[str, Any] | None:
        vote = rater.votes[position]
        return {"right": vote.right, "answer": rater.trials[position].right} if vote.use == "practice" else None

    def _exposure(self, rater: _Rater) -> float | None:
        """Milliseconds for the rater's next picture: the longest in practice, else as the staircase says.

        A check is shown as the picture before it, lest it stand out, but long enough for everybody to see it.
        """
        if self.study.protocol != "timed":
            return None
        trial = rater.trials[len(rater.votes)]
        if trial.use == "practice":
            return staircase.MOST_MS
        if trial.use == "main":
            return staircase.next_exposure(answers(rater.votes, trial.group))
        last = next((vote.group for vote in reversed(rater.votes) if vote.use == "main"), None)
        return max(staircase.CHECK_MS, staircase.next_exposure([] if last is None else answers(rater.votes, last)))

    def _rater(self, secret: str) -> _Rater | None:
        with self._lock:
            if secret not in self._raters:
                number = self.votes.rater(secret)
                if number is None:
                    return None
                self._raters[secret] = _Rater(number, plan(self.study, number), self.votes.of(number))
            return self._raters[secret]


def answers(votes: Sequence[Vote], group: int) -> list[bool]:
    """Right or wrong, in the order of one staircase."""
    return [bool(vote.right) for vote in votes if vote.use == "main" and vote.group == group]
