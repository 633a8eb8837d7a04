"""Which pictures a rater sees, in which order and on which side: a function of the seed and the rater's number.

Each rater sees one block of every contender's pictures. Blocks are dealt in rounds: within a round every picture goes
to one rater, and each round is shuffled anew. So after any number of raters all pictures (or pairs) were planned
equally often, to within one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from gansmith.core.seeds import shuffled
from gansmith.judge.study import REAL, Study

LEFT, RIGHT = 0, 1
IS_REAL, IS_GENERATED = 0, 1


@dataclass(frozen=True)
class Trial:
    """One question.

    Attributes:
        use: "practice", "check" or "main".
        pictures: ids, one or two (left, right).
        right: the right answer, 0 (real; left) or 1 (generated; right); None where that is what is asked.
        group: in main trials, the contender that is judged (of a real picture too: the one it stands beside), or the
            pair's place among the pairs.
        label: the class that is asked for.
    """

    use: str
    pictures: tuple[str, ...]
    right: int | None
    group: int
    label: str | None


def pairs(study: Study) -> list[tuple[int, int]]:
    """The pairs of contenders that meet, in order."""
    return list(combinations(study.judged, 2))


def plan(study: Study, number: int) -> tuple[Trial, ...]:
    """All trials of rater ``number`` (0, 1, ...): practice, then the session with its attention checks.

    Check: equal for equal arguments; over raters, every picture or pair is planned equally often, to within one; no
        rater is asked the same thing twice; within a session, half of the pictures are real, and each contender of a
        pair is on the left in half of the trials, to within one.
    """
    return (*_practice(study, number), *_session(study, number))


def block(count: int, each: int, number: int, seed: int, purpose: str) -> list[int]:
    """``each`` of the numbers 0 to count - 1 for one rater; count is a multiple of each.

    Check: the blocks of the first count / each raters hold every number once.
    """
    turn, part = divmod(number, count // each)
    return shuffled(range(count), seed, purpose, turn)[part * each : (part + 1) * each]


def _session(study: Study, number: int) -> list[Trial]:
    trials = _alone(study, number) if study.one_at_a_time else _against_each_other(study, number)
    trials = shuffled(trials, study.seed, "order", number)
    checks = shuffled([*_known(study, "check", number)], study.seed, "checks", number)
    planned = len(trials)
    for index, check in reversed(list(enumerate(checks))):
        low, high = (planned * edge // len(checks) for edge in (index, index + 1))
        place = shuffled(range(low, max(high, low + 1)), study.seed, f"place of check {index}", number)[0]
        trials.insert(place + 1, check)
    return trials


def _practice(study: Study, number: int) -> list[Trial]:
    return shuffled([*_known(study, "practice", number)], study.seed, "practice", number)


def _alone(study: Study, number: int) -> list[Trial]:
    """As many real pictures as generated ones, equally many of each contender."""
    each, blocks = study.numbers.each, study.numbers.blocks
    trials = []
    for of in study.judged:
        for m in block(each * blocks, each, number, study.seed, f"pictures of {of}"):
            trials.append(Trial("main", (study.places[of, "main", m, None],), IS_GENERATED, of, None))
    real = each * len(study.judged)
    for index, m in enumerate(block(real * blocks, real, number, study.seed, "real pictures")):
        of = study.judged[index % len(study.judged)]
        trials.append(Trial("main", (study.places[REAL, "main", m, None],), IS_REAL, of, None))
    return trials


def _against_each_other(study: Study, number: int) -> list[Trial]:
    each, blocks = study.numbers.each, study.numbers.blocks
    trials = []
    for group, (a, b) in enumerate(pairs(study)):
        sides = shuffled([(index + number) % 2 for index in range(each)], study.seed, f"sides of {group}", number)
        for side, m in zip(sides, block(each * blocks, each, number, study.seed, f"pair {group}"), strict=True):
            shown = tuple(study.places[of, "main", m, None] for of in ((a, b), (b, a))[side])
            trials.append(Trial("main", shown, None, group, study.pictures[shown[0]].label))
    return trials


def _known(study: Study, use: str, number: int) -> Iterator[Trial]:
    """Trials whose answer is known: one picture each, or the pairs of equal number."""
    names = study.used(use)
    if study.one_at_a_time:
        for name in names:
            right = IS_REAL if study.pictures[name].good else IS_GENERATED
            yield Trial(use, (name,), right, -1, None)
        return
    shown: dict[int, list[str]] = {}
    for name in names:
        shown.setdefault(study.pictures[name].number, []).append(name)
    sides = shuffled([(index + number) % 2 for index in range(len(shown))], study.seed, f"sides of {use}", number)
    for side, two in zip(sides, shown.values(), strict=True):
        good = sorted(two, key=lambda name: not study.pictures[name].good)
        ordered = tuple(good if side == LEFT else reversed(good))
        yield Trial(use, ordered, side, -1, study.pictures[good[0]].label)
