"""What a card says in words: the name of each score, one sentence of all together, and what must be known first."""

from collections.abc import Mapping, Sequence
from typing import Any

from gansmith.metrics.card import KID_LEADS_UNDER
from gansmith.metrics.measures.class_shares import LOST
from gansmith.networks.extractors import FID_CHECKSUM, FID_EXTRACTOR

Card = Mapping[str, Any]
LISTED = 4
ROOTS = {"fd": "FD", "fd-infinity": "FD∞", "kid": "KID", "class-kid": "KID of a class"}


def plain(name: str) -> str:
    """A score's name without part and extractor. Check: class-kid/shoe@hed is class-kid."""
    return name.partition("/")[0].partition("@")[0]


def title(name: str, line: Mapping[str, Any]) -> str:
    """What people call a score. Check: fd is FD-lite0; only the Inception of 2015-12-05 gives FID."""
    root, extractor = plain(name), line.get("extractor")
    if root not in ROOTS:
        return root.replace("-", " ")
    if root.startswith("fd") and extractor == FID_EXTRACTOR and line.get("checksum") == FID_CHECKSUM:
        return "FID" if root == "fd" else "FID∞"
    return f"{ROOTS[root]}-{extractor}" if root != "class-kid" else f"KID-{extractor}"


def figure(value: float) -> str:
    """Three digits, never in powers of ten. Check: 1630.3 -> 1,630; 45.67 -> 45.7; 0.00123 -> 0.001."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) >= 1 else f"{value:z.3f}"


def share(value: float) -> str:
    """Check: 0.733 is 73 %; what is above nought is never called 0 %."""
    return f"{value:.0%}".replace("%", " %") if value == 0 or value >= 0.01 else "below 1 %"


def summary(card: Card) -> str:
    """One sentence for a newcomer, from the differences to the floor that more than chance explains.

    Check: of two draws of real images it finds nothing; a class that is not drawn is named.
    """
    if _get(card, "vendi") and card["metrics"][_key(card, "vendi")]["value"] < 1 + 1e-6:
        return _ended("Every image is the same picture", card)
    good, bad = _quality(card)
    if not bad:
        words = "Nothing that was measured tells these images from as many real ones" if good else "Little can be said"
    else:
        words = f"{_joined(good)}, but {_joined(bad)}" if good else _joined(bad)
    return _ended(words[0].upper() + words[1:], card)


def _ended(words: str, card: Card) -> str:
    return "; ".join(filter(None, [words, copying(card), _lead(card)])) + "."


def _quality(card: Card) -> tuple[list[str], list[str]]:
    """What is as in real images and what is not, the worst first."""
    good, bad = [], []
    if (sign := _sign(card, "spectrum")) is not None:
        off = "the fine structure is off (blur, noise or a pattern)"
        good.append("sharp") if sign <= 0 else bad.append(off)
    if (sign := _sign(card, "colour")) is not None:
        levels = _value(card, "colour")
        good.append("true in colour") if sign <= 0 else bad.append(f"colours are off by {figure(levels)} levels of 255")
    if (sign := _sign(card, "precision")) is not None:
        missing = f"{share(1 - _value(card, 'precision'))} look like no real image{_real(card, 'precision')}"
        good.append("plausible") if sign >= 0 else bad.append(missing)
    bad += [words] if (words := _lost(card)) else []
    key = next((name for name in ("coverage", "recall") if _sign(card, name) == -1), None)
    if key:
        bad.append(f"{share(1 - _value(card, key))} of the real variety is missing{_real(card, key)}")
    elif _get(card, "coverage") and _sign(card, "coverage") is not None:
        good.append("varied")
    return good, bad or _only_distant(card)


def _only_distant(card: Card) -> list[str]:
    """Where none of the plain questions shows a fault and the distances do."""
    far = any(_sign(card, key) == 1 for key in ("kid", "fd")) or _sign(card, "vendi") in (-1, 1)
    return ["they still differ from real ones by more than chance"] if far else []


def _lost(card: Card) -> str:
    lost = lost_classes(card)
    if not lost:
        return ""
    more = f" and {len(lost) - LISTED} more" if len(lost) > LISTED else ""
    return f"missing classes: {', '.join(lost[:LISTED])}{more}"


def lost_classes(card: Card) -> list[str]:
    """The classes whose share is below a tenth of that among real images, where more than chance explains it."""
    if _sign(card, "classes-lost") != 1:
        return []
    shares = {name: line["value"] for name, line in card["metrics"].items() if plain(name) == "class-share"}
    real = card["against"]["class_shares"]
    parts = {name.partition("/")[2]: value for name, value in shares.items()}
    return [part for part, value in parts.items() if value < LOST * real[part]]


def copying(card: Card) -> str:
    """Whether the images are nearer to training images than new real ones are; nothing where it was not measured."""
    signs = {name: _sign(card, name) for name in ("copies", "authenticity", "neighbour-ratio")}
    if signs["copies"] == 1:
        return f"{share(_value(card, 'copies'))} are copies of training images{_beside(card, 'copies')}"
    if signs["authenticity"] == -1:
        near = f"{share(1 - _value(card, 'authenticity'))} are nearer to a training image than these are to each other"
        return f"look for copies, as {near}{_real(card, 'authenticity')}"
    if signs["neighbour-ratio"] == -1:
        return "nearer to training images than new real ones are: look for copies"
    return "nothing is copied" if signs["copies"] == 0 else "no sign of copies" if 0 in signs.values() else ""


def _lead(card: Card) -> str:
    name = card.get("leads")
    if not name:
        return ""
    line, floor = card["metrics"][name], card["floor"].get(name)
    beside = f" where {_as_many(line, floor)} get {figure(floor['value'])}" if floor else ""
    return f"{title(name, line)} {figure(line['value'])}{beside}"


def _as_many(line: Mapping[str, Any], floor: Mapping[str, Any]) -> str:
    return "as many real images" if floor["n"] == line["n"] else f"{floor['n']:,} real images"


def notes(card: Card) -> list[str]:
    """What must be known before the numbers are quoted."""
    n, n_real, leads = card["n"], card["n_real"], card.get("leads") or ""
    said = []
    if min(n, n_real) < KID_LEADS_UNDER and plain(leads) == "kid":
        said.append(
            f"KID leads: with {min(n, n_real):,} images FD is mostly the bias of their small number, and compares with "
            f"nothing but its own floor."
        )
    elif plain(leads) == "fd":
        said.append("FD is biased upward by the number of images; the floor has the same bias, FD∞ less of it.")
    for name, extractor in card["extractors"].items():
        if extractor["seen"]:
            said.append(
                f"The critic of this run was trained on features of {name}'s family ({extractor['family']}), so scores "
                f"by {name} flatter it."
            )
    floors = [line["n"] for name, line in card["floor"].items() if "n_training" not in card["metrics"][name]]
    if floors and max(floors) < n:
        said.append(
            f"The real images allow a floor of {max(floors):,} and not of {n:,}, so only copying is judged by it; "
            f"-n {max(floors)} would do for all."
        )
    elif not card["differences"]:
        said.append("There are too few real images to spare some for a floor, so no difference is judged.")
    return said


def _key(card: Card, name: str) -> str:
    """A score's name on the card: by the leading extractor where that is not the default one."""
    lead = card.get("lead_extractor")
    return f"{name}@{lead}" if f"{name}@{lead}" in card["metrics"] else name


def _get(card: Card, name: str) -> Mapping[str, Any] | None:
    return card["metrics"].get(_key(card, name))


def _value(card: Card, name: str) -> float:
    return card["metrics"][_key(card, name)]["value"]


def _sign(card: Card, name: str) -> int | None:
    """1 above the floor, -1 below it, 0 where chance explains the difference; None where it was not judged."""
    found = card["differences"].get(_key(card, name))
    if found is None:
        return None
    return 0 if not found["beyond"] else 1 if found["value"] > 0 else -1


def _beside(card: Card, name: str) -> str:
    return f" (of new real ones {share(card['floor'][_key(card, name)]['value'])} look so)"


def _real(card: Card, name: str) -> str:
    return f" (real ones: {share(1 - card['floor'][_key(card, name)]['value'])})"


def _joined(words: Sequence[str]) -> str:
    """Check: a, b and c."""
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)
