"""All votes as a CSV: one row a vote, with what was shown, so that anybody can count again."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically
from gansmith.judge.counting import count
from gansmith.judge.study import Study
from gansmith.judge.votes import Vote
from gansmith.judge.words import WORDS

HEAD = (
    "rater", "counted", "position", "use", "label", "first", "first_of", "second", "second_of", "answer", "right",
    "response_ms", "exposure_ms", "shown_ms",
)  # fmt: skip


def export(study: Study, votes: Sequence[Vote], path: Path) -> None:
    """Write the CSV; ``first`` and ``second`` are the pictures' ids (left and right), ``_of`` what they came from.

    An export of before is replaced.

    Raises: InputError: the file is there already, and is something else. WorkError: the disk is full.
    """
    if path.exists() and not _is_ours(path):
        raise InputError(f"{path} is there already and no such table; name another file with --export")
    verdicts = count(study, votes).verdicts
    answers = WORDS[study.protocol]["answers"]

    def write(temporary: Path) -> None:
        with open(temporary, "w", newline="", encoding="utf-8") as handle:
            table = csv.writer(handle, lineterminator=os.linesep)
            table.writerow(HEAD)
            for vote in votes:
                table.writerow(_row(study, vote, verdicts[vote.rater].counts, answers[vote.answer].lower()))

    write_atomically(path, write)


def _is_ours(path: Path) -> bool:
    try:
        with open(path, newline="", encoding="utf-8") as handle:
            return next(csv.reader(handle), None) == [*HEAD]
    except (OSError, ValueError, csv.Error):
        return False


def _row(study: Study, vote: Vote, counts: bool, answer: str) -> list[object]:
    of = [study.names[study.pictures[name].of] if name else "" for name in (vote.first, vote.second)]
    right = "" if vote.right is None else int(vote.right)
    times = ["" if ms is None else ms for ms in (vote.response_ms, vote.exposure_ms, vote.shown_ms)]
    shown = [vote.label, vote.first, of[0], vote.second, of[1]]
    return [vote.rater + 1, int(counts), vote.position, vote.use, *shown, answer, right, *times]
