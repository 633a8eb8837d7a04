"""What was found and what was done with it: for programs as JSON, for people in words."""

from collections import Counter
from typing import Any

import numpy as np

from gansmith.data.collection import Collection
from gansmith.data.duplicates import RULE as NEAR_RULE
from gansmith.data.fit import RULE as FIT_RULE
from gansmith.data.plan import ALPHA_MODES, Plan

MOST_SIZES = 10
CHANNEL_WORDS = {1: "grey", 3: "RGB", 4: "RGB with alpha"}


def make_report(
    source: str,
    collection: Collection,
    plan: Plan,
    shape: tuple[int, ...],
    labels: np.ndarray | None,
    splits: dict[str, np.ndarray],
    made: dict[str, Any],
) -> dict[str, Any]:
    """The JSON-able report; the keys that programs rely on come first.

    Args:
        shape: of the prepared images, (n, H, W, C).
        made: what was counted while making: failures, classes, duplicates.
    """
    failed = [(collection.names[int(i)], reason) for i, reason in made["failures"].items()]
    aside = sorted(collection.set_aside + failed)
    return {
        "images": shape[0],
        "set_aside": [{"file": file, "reason": reason} for file, reason in aside],
        "duplicates": made["duplicates"],
        "near_duplicates": made["near_duplicates"],
        "resolution": [plan.width, plan.height],
        "channels": shape[3],
        "classes": made["classes"],
        "held_out": {name: len(splits[name]) for name in ("choose", "test")},
        "source": source,
        "train": len(splits["train"]),
        "test_brought": "test" in (collection.brought or []),
        "train_like_test": made["train_like_test"],
        "large_near_groups": made["large_near_groups"],
        "resolution_reason": plan.reason,
        "fit": fit_counts(collection.sizes, plan),
        "background": "#{:02x}{:02x}{:02x}".format(*plan.background),
        "sizes": size_histogram(collection.sizes),
        "modes": dict(collection.modes.most_common()),
        "class_counts": class_counts(labels, made["classes"]),
        "facts": collection.facts,
        "rules": collection.rules + rules(collection, plan, shape[3]),
    }


def size_histogram(sizes: Counter[tuple[int, int]]) -> dict[str, int]:
    """The commonest sizes, and the rest together.

    >>> size_histogram(Counter({(32, 48): 2}))
    {'32x48': 2}
    """
    shown = {f"{width}x{height}": count for (width, height), count in sizes.most_common(MOST_SIZES)}
    rest = sum(sizes.values()) - sum(shown.values())
    return {**shown, **({"other": rest} if rest else {})}


def class_counts(labels: np.ndarray | None, classes: list[str]) -> dict[str, int]:
    """Class name -> pictures; {} without labels."""
    return {} if labels is None else dict(zip(classes, np.bincount(labels, minlength=len(classes)).tolist()))


def fit_counts(sizes: Counter[tuple[int, int]], plan: Plan) -> dict[str, int]:
    """How many pictures were cropped, made smaller, and made larger."""
    counts = {"cropped": 0, "reduced": 0, "enlarged": 0}
    for (width, height), count in sizes.items():
        scale = min(width / plan.width, height / plan.height)
        counts["cropped"] += count * (width * plan.height != height * plan.width)
        counts["reduced"] += count * (scale > 1)
        counts["enlarged"] += count * (scale < 1)
    return counts


def rules(collection: Collection, plan: Plan, channels: int) -> list[str]:
    """What was done to the pictures of this set, in words."""
    said = []
    if set(collection.sizes) != {(plan.width, plan.height)}:
        said.append(FIT_RULE)
    if set(collection.modes) & ALPHA_MODES:
        background = "#{:02x}{:02x}{:02x}".format(*plan.background)
        said.append("transparency is kept" if channels == 4 else f"transparency is composited on {background}")
    if channels == 1 and plan.channels == 3:
        said.append("all pictures are grey, so one channel is kept")
    if collection.brought is None or "test" not in collection.brought:
        said.append("choose 5 % and test 10 % by hash of the duplicate group")
    else:
        said.append("the test split is the one that the data bring; choose is 5 % of the rest, by hash")
    return [*said, NEAR_RULE]


def in_words(report: dict[str, Any]) -> list[tuple[str, str]]:
    """The report as (what, words) lines, for the terminal and the page."""
    width, height = report["resolution"]
    held = report["held_out"]
    kind = CHANNEL_WORDS[report["channels"]]
    lines = [
        ("images", f"{report['images']:,}, prepared as {width}x{height} {kind} ({report['resolution_reason']})"),
        ("sizes", ", ".join(f"{size}: {count:,}" for size, count in report["sizes"].items())),
        ("splits", f"train {report['train']:,}, choose {held['choose']:,}, test {held['test']:,}"),
        ("duplicates", duplicate_words(report)),
        ("classes", class_words(report["class_counts"], report["classes"])),
        ("set aside", f"{len(report['set_aside']):,} files" if report["set_aside"] else "nothing"),
    ]
    done = [f"{count:,} {what}" for what, count in report["fit"].items() if count]
    if done:
        lines.insert(2, ("fitted", ", ".join(done)))
    return lines + [("rule", rule) for rule in report["rules"]]


def duplicate_words(report: dict[str, Any]) -> str:
    """Counts of copies, and what they mean for the splits."""
    words = f"{report['duplicates']:,} exact, {report['near_duplicates']:,} near"
    if report["train_like_test"]:
        words += f"; {report['train_like_test']:,} training images are like a test image"
    for size in report["large_near_groups"]:
        words += f"; {size:,} images are near one another (more than 1 %): only exact copies stay together"
    return words


def class_words(counts: dict[str, int], classes: list[str]) -> str:
    """The classes with their counts, the first twelve."""
    if not classes:
        return "none"
    shown = ", ".join(f"{name}: {counts[name]:,}" for name in classes[:12])
    return f"{len(classes)} ({shown}{', ...' if len(classes) > 12 else ''})"
