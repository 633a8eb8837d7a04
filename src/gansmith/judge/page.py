"""``results.html``: what a study has found, on one self-contained page."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from gansmith.core.errors import InputError
from gansmith.core.files import asset, write_text
from gansmith.judge import picture
from gansmith.judge.counting import count
from gansmith.judge.plan import IS_REAL
from gansmith.judge.study import REAL, Study
from gansmith.judge.votes import Vote

SHOWN = 8
HEADS = {
    "error-rate": "How often raters were wrong about it and the real pictures",
    "threshold-ms": "How long raters needed to tell it from real pictures",
    "bradley-terry": "How often it was preferred to another contender",
}


def write_page(study: Study, told: dict[str, Any], votes: Sequence[Vote]) -> Path:
    """Write the page. Raises: WorkError: the disk is full."""
    path = study.path / "results.html"
    write_text(path, render(study, told, votes))
    return path


def render(study: Study, told: dict[str, Any], votes: Sequence[Vote]) -> str:
    """The page as text. Everything a user could have written is escaped by the template.

    Raises: InputError: jinja2 is missing; the line names the extra.
    """
    try:
        from jinja2 import Environment
    except ImportError as error:
        raise InputError(f"results.html needs {error.name}; install it with: pip install 'gansmith[judge]'") from error
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        asset("judge", "results.html")
    )
    return page.render(
        told=told,
        rows=rows(told),
        head=HEADS[told["measure"]],
        galleries=galleries(study, votes),
        size=study.size,
        style=asset("judge", "results.css"),
    )


def rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a contender: its value in words, and where its interval lies on a scale, in percent of its width."""
    measure = told["measure"]
    made = []
    for name, score in told["scores"].items():
        lead = score["preferred"] if measure == "bradley-terry" else score
        most = 1000.0 if measure == "threshold-ms" else 1.0
        ends = [None if lead[key] is None else 100 * lead[key] / most for key in ("value", "low", "high")]
        made.append({"name": name, "lead": lead, "score": score, "at": ends[0], "low": ends[1], "high": ends[2]})
    return made


def galleries(study: Study, votes: Sequence[Vote]) -> list[dict[str, Any]]:
    """For each judged contender the pictures that did best and worst, as data URIs with their votes."""
    made = []
    hits = by_picture(study, votes)
    verb = "called real" if study.one_at_a_time else "preferred"
    for of in study.judged:
        own = [name for name in hits if study.pictures[name].of == of]
        ranked = sorted(own, key=lambda name: (-(hits[name][0] + 1) / (hits[name][1] + 2), -hits[name][1], name))
        half = min(SHOWN, len(ranked) // 2)
        if of != REAL and half and study.protocol != "timed":
            ends = {f"Most often {verb}": ranked[:half], f"Least often {verb}": ranked[-half:][::-1]}
            shown = {title: [_picture(study, name, *hits[name]) for name in names] for title, names in ends.items()}
            made.append({"name": study.names[of], "ends": shown})
    return made


def by_picture(study: Study, votes: Sequence[Vote]) -> dict[str, tuple[int, int]]:
    """Picture -> (times it was called real or preferred, votes on it), of the votes that count."""
    found: dict[str, tuple[int, int]] = {}
    for vote in count(study, votes).votes:
        for side, name in enumerate(filter(None, (vote.first, vote.second))):
            hit = vote.answer == (IS_REAL if study.one_at_a_time else side)
            hits, seen = found.get(name, (0, 0))
            found[name] = hits + hit, seen + 1
    return found


def _picture(study: Study, name: str, hits: int, votes: int) -> dict[str, Any]:
    file = io.BytesIO()
    Image.fromarray(picture.decode(study.file(name).read_bytes())).save(file, format="PNG", optimize=True)
    uri = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"uri": uri, "hits": hits, "votes": votes, "label": study.pictures[name].label}
