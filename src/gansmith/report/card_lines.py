"""The evaluation card as rows under questions, for the terminal and the page alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gansmith.metrics.card import of_class
from gansmith.metrics.card_words import COPYING, lost_classes, plain, title
from gansmith.networks.extractors import DEFAULT
from gansmith.report.words import DASH, MINUS, number, plural, short

Card = Mapping[str, Any]
LONG = 100_000
SAME_SPLIT = "which the other scores are measured against"

QUESTIONS = {
    "How far from real images?": ("kid", "fd", "fd-infinity"),
    "Does each image look real?": ("precision", "density", "spectrum", "colour"),
    "Is the variety there?": ("recall", "coverage", "vendi", "classes-lost"),
    "Is anything copied?": COPYING,
    "Are they of use?": ("usefulness", "usefulness-real", "usefulness-both"),
}
LABELS = {
    "class-kid": "KID inside classes",
    "class-shares": "shares of classes",
    "density-coverage": "density, coverage",
    "precision-recall": "precision, recall",
    "spectrum": "spectrum distance",
    "colour": "colour distance",
    "vendi": "Vendi score",
    "classes-lost": "classes lost",
    "usefulness": "learned from generated",
    "usefulness-real": "learned from real",
    "usefulness-both": "learned from both",
    "neighbour-ratio": "neighbour ratio",
}
MEANINGS = {
    "kid": "distance of the features, without bias at any number of images",
    "fd": "distance of the features, taken as Gaussians; biased upward by few images",
    "fd-infinity": "the same, extrapolated to infinitely many generated images",
    "precision": "share of generated images that lie among real ones",
    "density": "how densely real images lie around them; near 1 for real ones",
    "spectrum": "decibels by which fine structure is off: blur, noise, patterns",
    "colour": "levels of 0 to 255 by which the colours are off",
    "recall": "share of real images that lie among generated ones",
    "coverage": "share of real images that have a generated one near",
    "vendi": "how many different images there seem to be",
    "classes-lost": "classes drawn less than a tenth as often as they should be",
    "authenticity": "share of images that are no nearer to a training image than training images are to each other",
    "copies": "share of images beside one training image as one in a hundred new real images is, in pixels",
    "neighbour-ratio": "distance to the nearest training image, over that of new real images; 0 for copies",
    "usefulness": "share of real images that a classifier names rightly, taught by generated ones",
    "usefulness-real": "the same, taught by as many real images",
    "usefulness-both": "the same, taught by both together",
}
NO_DIFFERENCE = "no difference"
EXPLAINED = f"{NO_DIFFERENCE}: none was found beyond chance, and a small one can go unnoticed"
SHARES = {"precision", "recall", "coverage", "authenticity", "copies", "class-share"}
UNITS = {"spectrum": " dB"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One score in words.

    Attributes:
        verdict: no difference (none was found beyond chance), worse, beyond real; of copying nearer or further;
            nothing where it was not judged.
        tone: good, bad or none.
        line, floor: as the card holds them.
    """

    name: str
    label: str
    value: str
    span: str
    beside: str
    verdict: str
    tone: str
    leads: bool
    meaning: str
    line: Mapping[str, Any]
    floor: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Group:
    """A question, what its scores were measured on where that is not the same for all, and the scores."""

    question: str
    measured: str
    rows: list[Row]


def groups(card: Card) -> list[Group]:
    """The card's whole scores by the question they answer; the leading extractor's come first.

    Check: every score without a class is in one group.
    """
    found, left = [], {name for name in card["metrics"] if not of_class(name)}
    for question, roots in QUESTIONS.items():
        names = _ordered(card, roots)
        left -= set(names)
        found.append(_group(card, question, names))
    found.append(_group(card, "Others", sorted(left)))
    return [group for group in found if group.rows]


def _ordered(card: Card, roots: tuple[str, ...]) -> list[str]:
    """The leading extractor first, and the score that leads before its neighbours."""
    names = [name for name in card["metrics"] if plain(name) in roots and not of_class(name)]
    lead, by = card.get("leads"), card.get("lead_extractor")
    held = card["metrics"]
    return sorted(names, key=lambda n: (held[n]["extractor"] not in (by, None), n != lead, roots.index(plain(n))))


def _group(card: Card, question: str, names: list[str]) -> Group:
    rows = [_row(card, name) for name in names]
    return Group(question=question, measured=_measured(card, names), rows=rows)


def lacking(card: Card) -> list[tuple[str, str]]:
    """What could not be measured, by the reason: (names, reason)."""
    by_reason: dict[str, list[str]] = {}
    for name, why in card["unavailable"].items():
        by_reason.setdefault(why, []).append(label(name, {"extractor": name.partition("@")[2] or DEFAULT}))
    return [(", ".join(names), why) for why, names in by_reason.items()]


def _row(card: Card, name: str) -> Row:
    line, floor = card["metrics"][name], card["floor"].get(name)
    verdict, tone = _verdict(plain(name), line, card["differences"].get(name))
    return Row(
        name=name,
        label=label(name, line),
        value=value(name, line["value"]),
        span=f"{value(name, line['low'], unit=False)} to {value(name, line['high'], unit=False)}",
        beside=value(name, floor["value"]) if floor else DASH,
        verdict=verdict,
        tone=tone,
        leads=name == card.get("leads"),
        meaning=MEANINGS.get(plain(name), ""),
        line=line,
        floor=floor,
    )


def _verdict(root: str, line: Mapping[str, Any], difference: Mapping[str, Any] | None) -> tuple[str, str]:
    if difference is None:
        return "", "none"
    if not difference["beyond"]:
        return NO_DIFFERENCE, "none"
    above = difference["value"] > 0
    if root in COPYING:
        near = above if line["better"] == "lower" else not above
        return ("nearer", "bad") if near else ("further", "good")
    if line["better"] == "real":
        return "unlike real", "bad"
    return ("worse", "bad") if above == (line["better"] == "lower") else ("beyond real", "good")


def label(name: str, line: Mapping[str, Any]) -> str:
    """What a row is called; by another extractor than the default, with its name. Check: fd is FD-lite0."""
    root, _, extractor = name.partition("@")
    said = LABELS.get(plain(root)) or title(root, line)
    return f"{said} ({extractor})" if extractor and not said.endswith(extractor) else said


def value(name: str, figure: float, unit: bool = True) -> str:
    """A score in the digits that mean something for it. Check: a share of 0.7331 is 73.3 %."""
    root = plain(name)
    if root in SHARES or root.startswith("usefulness"):
        return f"{100 * figure:.1f}{' %' if unit else ''}"
    if root == "classes-lost":
        return f"{figure:.0f}"
    if abs(figure) >= LONG:
        return short(figure)
    said = f"{figure:z.3f}".replace("-", MINUS) if abs(figure) < 1 else number(float(figure))
    return said + (UNITS.get(root, "") if unit else "")


def _measured(card: Card, names: list[str]) -> str:
    """On how many images, of which split; what is the same for all rows of a group."""
    said = []
    for name in names:
        line = card["metrics"][name]
        if line.get("n_training") and plain(name) in COPYING:
            said.append(f"against {line['n_training']:,} training images ({_split(line['split'])})")
        elif plain(name).startswith("usefulness"):
            said.append(f"taught by {line['n']:,} images, tested on {line['n_real']:,}; labels {line.get('labels')}")
    return "; ".join(dict.fromkeys(said))


def _split(name: str) -> str:
    return "the whole of the data" if name == "all" else f"{name} split"


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """One class: its share among generated and real images, and the distance within it."""

    name: str
    share: str
    real: str
    distance: str
    floor: str
    lost: bool
    shares: tuple[float, float]


def classes(card: Card) -> list[ClassRow]:
    """Class by class, in the order of the card; nothing without labels."""
    found, held, beside = [], card["metrics"], card["floor"]
    lost, real = lost_classes(card), card["against"]["class_shares"]
    for name, line in held.items():
        if plain(name) != "class-share":
            continue
        part = name.partition("/")[2]
        inside = next((key for key in _inside(part, card) if key in held), "")
        found.append(
            ClassRow(
                name=part,
                share=value(name, line["value"]),
                real=value(name, real[part]),
                distance=value("class-kid", held[inside]["value"]) if inside else DASH,
                floor=value("class-kid", beside[inside]["value"]) if inside in beside else DASH,
                lost=part in lost,
                shares=(line["value"], real[part]),
            )
        )
    return found


def _inside(part: str, card: Card) -> tuple[str, str]:
    """What the distance within a class may be called."""
    return f"class-kid/{part}", f"class-kid/{part}@{card.get('lead_extractor')}"


def heading(card: Card) -> str:
    """What was measured against what. Check: 10,000 images of run-1 against 10,000 of fashion-mnist (test split)."""
    against = card["against"]
    return (
        f"{plural(card['n'], 'image')} of {card['source']['name']} against {card['n_real']:,} of {against['name']} "
        f"({_split(card['split'])})"
    )


def instruments(card: Card) -> list[str]:
    """What every line was measured with: extractors with checksums, numbers, splits, seed."""
    against = card["against"]
    lines = [
        f"{name}: {one['dimensions']:,} features, {one['resize']}, sha256 {one['checksum'][:12]}"
        + (", its family was seen in training" if one["seen"] else "")
        for name, one in card["extractors"].items()
    ]
    width, height = against["resolution"]
    lines.append(
        f"{card['n']:,} generated and {card['n_real']:,} real images of {width}x{height}; {_split(card['split'])}, "
        f"{against['images']:,} images in all, fingerprint {against['fingerprint'][:12]}; seed {card['seed']}"
    )
    lines += [f"{group.question} {group.measured}" for group in groups(card) if group.measured]
    for copying, what in ((False, "floor"), (True, "floor of copying")):
        beside = {(f["n"], f["source"]) for name, f in card["floor"].items() if (plain(name) in COPYING) == copying}
        for n, place in sorted(beside):
            both = f", {SAME_SPLIT}" if copying and place.partition(" ")[0] == card["split"] else ""
            lines.append(f"{what}: {n:,} real images of the {place} in the generated ones' place{both}")
    return lines
