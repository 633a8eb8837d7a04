"""Several cards side by side, and which of their differences are beyond chance."""

from collections.abc import Mapping
from typing import Any

from gansmith.core.errors import InputError
from gansmith.metrics.card import enough, read_estimate
from gansmith.metrics.notice import judgeable, noticed

Card = Mapping[str, Any]
SAME = ("checksum", "resize", "n", "n_real", "n_training", "split", "labels")


def side_by_side(cards: Mapping[str, Card]) -> dict[str, Any]:
    """What two cards or more say of the same scores; every difference is from the first one.

    Scores that were measured in another way on another card (number of images, extractor, split) are left
    out and named. The intervals of the differences are widened so that all of them together hold at 95 %;
    a class's own scores, and those of real images alone, stand side by side without one. With fewer than 30
    images only those of copies are called beyond chance.

    Args:
        cards: by the name of what was evaluated, in order.
    Returns: ``runs`` (the names), ``metrics`` (score -> run -> its line), ``floor`` (score -> line of the first
        card), ``differences`` (``metric``, ``run``, ``against``, ``value``, ``low``, ``high``, ``better``,
        ``beyond``), ``left_out`` (score -> why).
    Raises: InputError: fewer than two cards, other real images, or another split of them.
    Check: a card beside itself has no difference beyond chance.
    """
    _refuse(cards)
    names = list(cards)
    first = cards[names[0]]
    metrics: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    for score in first["metrics"]:
        lines = {name: card["metrics"][score] for name, card in cards.items() if score in card["metrics"]}
        if why := _why_not(lines, names):
            left_out[score] = why
        else:
            metrics[score] = lines
    return {
        "runs": names,
        "metrics": metrics,
        "floor": {score: first["floor"][score] for score in metrics if score in first["floor"]},
        "differences": _differences(metrics, names),
        "left_out": left_out,
    }


def _refuse(cards: Mapping[str, Card]) -> None:
    if len(cards) < 2:
        raise InputError("name two cards or more to compare")
    for what, of in (("real images", lambda c: c["against"]["fingerprint"]), ("split", lambda c: c["split"])):
        if len({of(card) for card in cards.values()}) > 1:
            raise InputError(
                f"these cards were measured against different {what}; evaluate all of them against one, with the same "
                f"--against and --split"
            )


def _why_not(lines: Mapping[str, Any], names: list[str]) -> str | None:
    if missing := [name for name in names if name not in lines]:
        return f"not on the card of {', '.join(missing)}"
    for key in SAME:
        if len({line.get(key) for line in lines.values()}) > 1:
            return f"measured with another {key.replace('_', ' ')}"
    return None


def _differences(metrics: Mapping[str, Mapping[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """Score by score, each of the others against the first."""
    held = {name: {score: read_estimate(lines[name]) for score, lines in metrics.items()} for name in names}
    others = names[1:]
    found = {name: noticed(held[name], held[names[0]], times=len(others)) for name in others}
    told = []
    for score in filter(judgeable, metrics):
        for name in others:
            line, each = metrics[score][name], found[name][score]
            told.append(
                {
                    "metric": score,
                    "run": name,
                    "against": names[0],
                    **each.estimate.as_dict(),
                    "better": line["better"],
                    "beyond": each.beyond and enough(score, line["n"]),
                }
            )
    return told
