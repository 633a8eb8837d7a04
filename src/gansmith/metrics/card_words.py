"""What a card says in words: the name of each score, one sentence of all together, and what must be known first."""

from collections.abc import Mapping, Sequence
from typing import Any

from gansmith.metrics.card import FEWEST_JUDGED, KID_LEADS_UNDER
from gansmith.metrics.measures.class_shares import lost
from gansmith.networks.extractors import FID_CHECKSUM, FID_EXTRACTOR

Card = Mapping[str, Any]
LISTED = 4
COPYING = ("copies", "authenticity", "neighbour-ratio")
# A virtue is only named where a difference to the worse that would matter is ruled out: decibels, levels, shares.
MATTERS = {"spectrum": 1.0, "colour": 5.0, "precision": 0.05, "coverage": 0.1}
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

    Check: of two draws of real images it finds nothing; a class that is not drawn is named; few images are praised
        for nothing.
    """
    if _get(card, "vendi") and card["metrics"][_key(card, "vendi")]["value"] < 1 + 1e-6:
        return _ended("Every image is the same picture", card)
    good, bad = _virtues(card), _faults(card) or _others(card)
    if bad:
        words = f"{_joined(good)}, but {_joined(bad)}" if good else _joined(bad)
    elif card["differences"]:
        none = "no difference from as many real images was found"
        words = f"{_joined(good)}; {none}" if good else none
    else:
        words = "little can be said"
    return _ended(words[0].upper() + words[1:], card)


def _ended(words: str, card: Card) -> str:
    return "; ".join(filter(None, [words, copying(card), _lead(card)])) + "."


def _virtues(card: Card) -> list[str]:
    """What is as in real images or better: where the interval leaves no room for a difference that matters."""
    words = {"spectrum": "sharp", "colour": "true in colour", "precision": "plausible", "coverage": "varied"}
    found = {name: words[name] for name in words if _sound(card, name)}
    if _lost(card) or _sign(card, "recall") == -1:
        found.pop("coverage", None)
    return list(found.values())


def _sound(card: Card, name: str) -> bool:
    difference = card["differences"].get(_key(card, name))
    if difference is None:
        return False
    lower = card["metrics"][_key(card, name)]["better"] == "lower"
    worse, worst = (1, difference["high"]) if lower else (-1, -difference["low"])
    return _sign(card, name) != worse and worst < MATTERS[name]


def _faults(card: Card) -> list[str]:
    """What is not as in real images, in plain words."""
    bad = []
    if _sign(card, "spectrum") == 1:
        bad.append("the fine structure is off (blur, noise or a pattern)")
    if _sign(card, "colour") == 1:
        bad.append(f"colours are off by {figure(_value(card, 'colour'))} levels of 255")
    if _sign(card, "precision") == -1:
        bad.append(f"{share(1 - _value(card, 'precision'))} look like no real image{_real(card, 'precision')}")
    bad += [words] if (words := _lost(card)) else []
    if key := next((name for name in ("coverage", "recall") if _sign(card, name) == -1), None):
        bad.append(f"{share(1 - _value(card, key))} of the real variety is missing{_real(card, key)}")
    return bad


def _others(card: Card) -> list[str]:
    """Where none of the plain questions shows a fault and other scores differ, better or worse: which."""
    beyond = [name for name, found in card["differences"].items() if found["beyond"] and plain(name) not in COPYING]
    if not beyond:
        return []
    names = [title(name, card["metrics"][name]) for name in beyond]
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return [f"they still differ from real ones by more than chance ({', '.join(names[:LISTED])}{more})"]


def _lost(card: Card) -> str:
    found = lost_classes(card)
    if not found:
        return ""
    more = f" and {len(found) - LISTED} more" if len(found) > LISTED else ""
    return f"missing classes: {', '.join(found[:LISTED])}{more}"


def lost_classes(card: Card) -> list[str]:
    """The classes that are surely drawn less than a tenth as often as they are among real images.

    Surely: by the upper ends of the shares' intervals, which hold for all classes together. Nothing is said of a
    class that the floor lacks as well.
    """
    found, real = [], card["against"]["class_shares"]
    for name, line in card["metrics"].items():
        part, floor = name.partition("/")[2], card["floor"].get(name)
        if plain(name) != "class-share" or floor is None or min(line["n"], floor["n"]) < FEWEST_JUDGED:
            continue
        if lost(line["high"], real[part]) and not lost(floor["value"], real[part]):
            found.append(part)
    return found


def copying(card: Card) -> str:
    """Whether the images are nearer to training images than new real ones are; nothing where it was not measured."""
    signs = {name: _sign(card, name) for name in COPYING}
    if signs["copies"] == 1:
        more = 100 * card["differences"][_key(card, "copies")]["value"]
        usual = f"only {share(card['floor'][_key(card, 'copies')]['value'])} of real ones do"
        near = f"{share(_value(card, 'copies'))} lie beside one training image as {usual}"
        return f"{near} ({more:.0f} points more): look at them"
    if signs["authenticity"] == -1:
        near = f"{share(1 - _value(card, 'authenticity'))} are nearer to a training image than these are to each other"
        return f"look for copies, as {near}{_real(card, 'authenticity')}"
    if signs["neighbour-ratio"] == -1:
        return "nearer to training images than new real ones are: look for copies"
    if signs["copies"] is not None:
        unseen = card["differences"][_key(card, "copies")]["high"]
        return "no sign of copies" + (f" (up to {share(unseen)} could go unnoticed)" if unseen > 0 else "")
    return "no sign of copies" if any(sign is not None for sign in signs.values()) else ""


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
    if card["against"].get("unreadable"):
        names = card["against"]["unreadable"]
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        said.append(
            f"Real images of {', '.join(names[:LISTED])}{more} are mostly taken for other classes, so whether such "
            f"images are missing is not known."
        )
    floors = [line["n"] for name, line in card["floor"].items() if "n_training" not in card["metrics"][name]]
    if floors and max(floors) < n:
        said.append(
            f"The real images allow a floor of {max(floors):,} and not of {n:,}, so only copying is judged by it; "
            f"-n {max(floors)} would do for all."
        )
    elif n < FEWEST_JUDGED or (floors and max(floors) < FEWEST_JUDGED):
        said.append(
            f"With fewer than {FEWEST_JUDGED} images on either side no difference is judged but that of copies."
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


def _real(card: Card, name: str) -> str:
    return f" (real ones: {share(1 - card['floor'][_key(card, name)]['value'])})"


def _joined(words: Sequence[str]) -> str:
    """Check: a, b and c."""
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)
