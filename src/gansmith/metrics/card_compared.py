"""Several cards side by side, and which of their differences are beyond chance."""

from collections.abc import Mapping
from typing import Any

from gansmith.core.errors import InputError
from gansmith.metrics.card import read_estimate
from gansmith.metrics.notice import difference

Card = Mapping[str, Any]
SAME = ("checksum", "resize", "n", "n_real", "n_training", "split")


def side_by_side(cards: Mapping[str, Card]) -> dict[str, Any]:
    """What two cards or more say of the same scores; every difference is from the first one.

    Scores that were measured in another way on another card (number of images, extractor, split) are left
    out and named. The intervals of the differences are widened so that all of them together hold at 95 %;
    a class's own scores stand side by side without one.

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
    whole = [score for score in metrics if "/" not in score]
    among = len(whole) * (len(names) - 1)
    return {
        "runs": names,
        "metrics": metrics,
        "floor": {score: first["floor"][score] for score in metrics if score in first["floor"]},
        "differences": [
            _difference(score, name, names[0], metrics[score], among) for score in whole for name in names[1:]
        ],
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


def _difference(score: str, name: str, against: str, lines: Mapping[str, Any], among: int) -> dict[str, Any]:
    found = difference(read_estimate(lines[name]), read_estimate(lines[against]), among)
    return {
        "metric": score,
        "run": name,
        "against": against,
        **found.estimate.as_dict(),
        "better": lines[name]["better"],
        "beyond": found.beyond,
    }
