"""Which pictures a study takes: for the session, for practice, for attention checks."""

import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gansmith.core.errors import InputError
from gansmith.judge.contenders import Contender
from gansmith.judge.request import Request
from gansmith.judge.study import REAL, Numbers

REAL_IN_PRACTICE = 3
SOURCES_IN_PRACTICE = 2
"""More cannot all be practised on, and who is practised on is told what it looks like."""


@dataclass(frozen=True)
class Wanted:
    """One picture to take.

    Attributes:
        of: the contender's place.
        use, number, label, good: as in study.Picture.
        damaged: "" for as it is, "instead" for its damaged self, "beside" for both, which are then a pair.
    """

    of: int
    use: str
    number: int
    label: str | None = None
    good: bool | None = None
    damaged: str = ""


def pictures(request: Request, numbers: Numbers, labels: Sequence[str] | None) -> list[Wanted]:
    """Everything a study shows.

    Check: each contender gives the same number of main pictures; where they are shown alone, as many are real.
    """
    count = numbers.each * numbers.blocks
    wanted = [Wanted(of, "main", m, _turn(labels, m)) for of in request.judged for m in range(count)]
    if request.alone:
        wanted += [Wanted(REAL, "main", m) for m in range(count * len(request.judged))]
    for use, many in (("practice", numbers.practice), ("check", numbers.checks)):
        for number in range(many):
            wanted += _alone(request, use, number) if request.alone else _in_pairs(request, use, number, labels)
    return wanted


def _alone(request: Request, use: str, number: int) -> list[Wanted]:
    """Practice: real ones, then of the sources (if they are one or two), and damaged ones. Checks: damaged ones."""
    if use == "practice" and number < REAL_IN_PRACTICE:
        return [Wanted(REAL, use, number, good=True)]
    few = use == "practice" and len(request.sources) <= SOURCES_IN_PRACTICE
    if not few or number >= REAL_IN_PRACTICE + SOURCES_IN_PRACTICE:
        return [Wanted(REAL, use, number, good=False, damaged="instead")]
    return [Wanted(1 + number % len(request.sources), use, number, good=False)]


def _in_pairs(request: Request, use: str, number: int, labels: Sequence[str] | None) -> list[Wanted]:
    """A real picture beside a generated one (or one of another label), or beside its damaged self."""
    label = _turn(labels, number)
    many = labels is None and len(request.sources) > SOURCES_IN_PRACTICE
    if use == "check" or number >= SOURCES_IN_PRACTICE or many:
        return [Wanted(REAL, use, number, label, True, "beside")]
    other = REAL if labels else 1 + number % len(request.sources)
    return [Wanted(REAL, use, number, label, True), Wanted(other, use, number, _turn(labels, number + 1), False)]


def _turn(labels: Sequence[str] | None, number: int) -> str | None:
    return labels[number % len(labels)] if labels else None


def labels_of_all(piles: Sequence[Contender], request: Request) -> list[str]:
    """The classes that all contenders know, in the data's order.

    Raises: InputError: somebody knows none, or fewer than two are common.
    """
    for pile in piles:
        if not pile.classes:
            raise InputError(f"{pile.source} has no labels; --protocol labels needs them on all sides")
    common = [label for label in piles[REAL].classes if all(label in pile.classes for pile in piles)]
    if len(common) < 2:
        raise InputError("fewer than two labels are known to all; judge what has the same classes as the data")
    return common


def affordable(request: Request, piles: Sequence[Contender], labels: Sequence[str] | None) -> Numbers:
    """As many blocks of pictures as were asked for, or as there are.

    Raises: InputError: there are too few for one.
    """

    def lacking(blocks: int) -> str:
        return _lacking(pictures(request, request.numbers(blocks), labels), piles)

    most = max(1, round(request.images / request.numbers(1).each))
    enough = bisect.bisect_left(range(1, most + 1), True, key=lambda blocks: bool(lacking(blocks)))
    if not enough:
        raise InputError(lacking(1))
    return request.numbers(enough)


def _lacking(wanted: list[Wanted], piles: Sequence[Contender]) -> str:
    """What is too little, in words."""
    for (of, label), count in Counter((one.of, one.label) for one in wanted).items():
        have = piles[of].holds(label)
        if have < count:
            which = "" if label is None else f" of {label!r}"
            return (
                f"{piles[of].source} has {have:.0f} pictures{which}, and this study takes {count}; "
                "ask for fewer with --trials, or give more pictures"
            )
    return ""
