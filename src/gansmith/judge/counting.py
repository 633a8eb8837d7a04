"""Which raters count, and why the others do not: the rules of statistics/screening.py applied to stored votes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from gansmith.judge.plan import plan
from gansmith.judge.statistics.screening import Answers, Verdict, verdict
from gansmith.judge.study import Study
from gansmith.judge.votes import Vote


@dataclass(frozen=True)
class Counted:
    """The votes that count, and what became of every rater.

    Attributes:
        votes: main votes of the raters that count.
        raters: numbers of those raters.
        verdicts: rater -> Verdict, of all who answered anything.
        main: number of main votes of each rater, counted or not.
    """

    votes: list[Vote]
    raters: list[int]
    verdicts: dict[int, Verdict]
    main: dict[int, int]


def count(study: Study, votes: Sequence[Vote]) -> Counted:
    """Sort raters and votes by the rules. ``votes`` come by rater and position."""
    verdicts, main, kept = {}, {}, []
    for rater, group in groupby(votes, key=lambda vote: vote.rater):
        own = list(group)
        judging, checks = ([vote for vote in own if vote.use == use] for use in ("main", "check"))
        said = Answers(
            given=np.array([vote.answer for vote in judging], int),
            response_ms=np.array([vote.response_ms for vote in judging], float),
            right=np.array([-1 if vote.right is None else vote.right for vote in judging], int),
            checks=np.array([vote.answer for vote in checks], int),
            check_right=np.array([trial.right for trial in plan(study, rater) if trial.use == "check"], int),
        )
        verdicts[rater] = verdict(said)
        main[rater] = len(judging)
        if verdicts[rater].counts:
            kept += judging
    return Counted(kept, sorted({vote.rater for vote in kept}), verdicts, main)
