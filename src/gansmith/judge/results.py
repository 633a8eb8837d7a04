"""What a study has found so far: one JSON object, results.json, which the card and comparisons read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gansmith import __version__
from gansmith.core.files import write_json
from gansmith.judge import words
from gansmith.judge.counting import Counted, count
from gansmith.judge.error_rates import error_rates
from gansmith.judge.outcome import Outcome
from gansmith.judge.preferences import preferences
from gansmith.judge.statistics.agreement import krippendorff_alpha, resampled_alpha
from gansmith.judge.statistics.bootstrap import RESAMPLES, resample
from gansmith.judge.statistics.interval import LEVEL, one_way
from gansmith.judge.statistics.needed import needed
from gansmith.judge.study import REAL, Study
from gansmith.judge.thresholds import thresholds
from gansmith.judge.votes import Vote

FORMAT = 1
FILE = "results.json"
MEASURES = {"unlimited": "error-rate", "timed": "threshold-ms", "pairs": "bradley-terry", "labels": "bradley-terry"}
FOUND = {"unlimited": error_rates, "timed": thresholds, "pairs": preferences, "labels": preferences}
FEW_RATERS = 5


def results(study: Study, votes: Sequence[Vote], joined: int, width: float | None = None) -> dict[str, Any]:
    """Everything that is known from these votes.

    Args:
        votes: all of them, by rater and position.
        joined: how many raters there are.
        width: of the interval that is wanted; then ``needs`` says what is missing.
    Returns: JSON-able; docs/judge.md lists the keys.
    Check: a truthful rater counts; who guesses, or always presses the same key, is among the excluded.
    """
    counted, data = count(study, votes), study.contenders[REAL]["source"]
    found = FOUND[study.protocol](study, counted.votes, counted.raters) if counted.votes else Outcome({})
    told = {
        "format": FORMAT,
        "gansmith": __version__,
        "study": study.id,
        "title": study.title or f"{', '.join(study.names[1:])} beside {data}",
        "created": study.created,
        "protocol": study.protocol,
        "question": words.WORDS[study.protocol]["question"],
        "measure": MEASURES[study.protocol],
        "contenders": [_contender(study, place) for place in range(len(study.contenders))],
        "scores": found.scores,
        "pairs": found.pairs,
        "raters": _raters(study, counted, joined),
        "votes": {"all": sum(counted.main.values()), "counted": len(counted.votes)},
        "agreement": agreement(study, counted),
        "needs": _needs(study, counted, width, found),
        "how": {
            "level": LEVEL,
            "method": "bootstrap over raters" if study.protocol == "timed" else "bootstrap over raters and pictures",
            "resamples": RESAMPLES,
            "exposure": words.exposures(study),
        },
    }
    return told | {"notes": _notes(counted, told, found), "summary": summary(told)}


def write(study: Study, told: dict[str, Any]) -> Path:
    """Write results.json. Raises: WorkError: the disk is full."""
    path = study.path / FILE
    write_json(path, told)
    return path


def _contender(study: Study, place: int) -> dict[str, Any]:
    pictures = sum(p.of == place and p.use == "main" for p in study.pictures.values())
    return {**study.contenders[place], "judged": place in study.judged, "pictures": pictures}


def _raters(study: Study, counted: Counted, joined: int) -> dict[str, Any]:
    """How many there are, and who does not count, with the rule and the numbers. Raters are numbered from 1."""
    out = [(rater, verdict) for rater, verdict in counted.verdicts.items() if not verdict.counts]
    return {
        "joined": joined,
        "finished": sum(count == words.session(study) for count in counted.main.values()),
        "counted": len(counted.raters),
        "unfinished": sum(verdict.rule == "unfinished" for _, verdict in out),
        "excluded": [
            {"rater": rater + 1, "rule": verdict.rule, "why": verdict.why, "votes": counted.main[rater]}
            for rater, verdict in out
            if verdict.rule != "unfinished"
        ],
    }


def agreement(study: Study, counted: Counted) -> dict[str, Any] | None:
    """Krippendorff's alpha over what several raters were shown; None where nothing was, or all said the same.

    In pairs an answer is which of the two contenders was preferred, the earlier or the later one of the study, whatever
    side it was on. The interval is for other pictures and these raters. Where exposure is timed, raters are led to
    disagree, so there it would say nothing.
    Check: it does not hang on what the pictures are called.
    """
    answers: dict[tuple[str, ...], np.ndarray] = {}
    for vote in counted.votes:
        shown = tuple(sorted(filter(None, (vote.first, vote.second)), key=lambda name: study.pictures[name].of))
        answer = shown.index((vote.first, vote.second)[vote.answer]) if vote.second else vote.answer
        answers.setdefault(shown, np.zeros(2))[answer] += 1
    table = np.array(list(answers.values())).reshape(-1, 2)
    alpha, shared = krippendorff_alpha(table), int((table.sum(1) > 1).sum())
    if study.protocol == "timed" or shared < 2 or not np.isfinite(alpha):
        return None
    interval = one_way(alpha, resampled_alpha(table, resample(len(table))), len(table))
    return {"measure": "krippendorff-alpha", **interval.as_dict(), "shared": shared}


def _needs(study: Study, counted: Counted, width: float | None, found: Outcome) -> dict[str, Any] | None:
    """What an interval of that width still takes; None where none was asked for."""
    if width is None:
        return None
    if found.widest is None or len(counted.raters) < FEW_RATERS:  # from fewer, how raters differ is hardly known
        return {"width": width, "widest": None, "votes": None, "raters": None, "pictures": False}
    missing = needed(found.widest, width, len(counted.raters), words.session(study))
    widest = found.widest.high - found.widest.low
    return {
        "width": width,
        "widest": widest,
        "votes": missing.votes,
        "raters": missing.raters,
        "pictures": missing.pictures,
    }


def _notes(counted: Counted, told: dict[str, Any], found: Outcome) -> list[str]:
    """What should be known before the numbers are believed."""
    raters = told["raters"]
    notes = [f"Rater {out['rater']} is excluded ({out['votes']} votes): {out['why']}." for out in raters["excluded"]]
    if raters["unfinished"]:
        notes.append(f"Not counted yet, for want of attention checks: {raters['unfinished']} raters.")
    if len(counted.raters) == 1:
        notes.append("Only one rater counts; the interval says nothing about other raters.")
    elif 1 < len(counted.raters) < FEW_RATERS:
        notes.append(f"Only {len(counted.raters)} raters count; the interval is rough.")
    return notes + found.notes


def summary(told: dict[str, Any]) -> str:
    """One sentence for someone who has not met these numbers."""
    if not told["scores"]:
        return "No votes count yet."
    raters, say = told["raters"]["counted"], _SAY[told["measure"]]
    lines = "; ".join(say(name, score) for name, score in told["scores"].items())
    ground = "; 50 % would mean that nobody can tell" if told["measure"] == "error-rate" else ""
    return f"{raters} rater{'s' * (raters != 1)}, {told['votes']['counted']:,} votes: {lines}{ground}."


def _say_error(name: str, score: dict[str, Any]) -> str:
    return f"{_share(score)} of the answers on {name} and real pictures were wrong"


def _say_threshold(name: str, score: dict[str, Any]) -> str:
    span = "" if score["low"] is None else f" ({score['low']:.0f} to {score['high']:.0f})"
    return f"{name} was told from real pictures at {score['value']:.0f} ms{span}"


def _say_preferred(name: str, score: dict[str, Any]) -> str:
    return f"{name} was preferred in {_share(score['preferred'])} of its pairs"


_SAY = {"error-rate": _say_error, "threshold-ms": _say_threshold, "bradley-terry": _say_preferred}


def _share(told: dict[str, float]) -> str:
    return f"{told['value']:.0%} ({told['low']:.0%} to {told['high']:.0%})"
