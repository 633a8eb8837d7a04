"""Where cards are kept: a run's in its folder, those of other programs' images in ``evaluations``."""

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.files import read_json, write_json
from gansmith.judge.weights import hash_of_run
from gansmith.metrics.card import FORMAT
from gansmith.report.card_lines import heading
from gansmith.report.card_page import card_section

FOLDER = "evaluations"
LONGEST_NAME = 150  # bytes, before the digits; file systems allow 255
NUMBERS = {"metrics": ("value", "low", "high", "error", "n"), "floor": ("value", "low", "high", "n")}
NUMBERS |= {"differences": ("value", "low", "high")}


def place(card: Mapping[str, Any], out: Path | None = None) -> Path:
    """The file of a card: the same for the same settings on the same things, another for any other.

    Check: another seed, or another content at the same place, is another file; the same call again is the same file.
    """
    run = card["source"]["kind"] == "run"
    home = out or (Path(card["source"]["path"]) / FOLDER if run else Path(FOLDER))
    parts = ["" if run else card["source"]["name"], card["split"], f"n{card['n']}", f"seed{card['seed']}"]
    parts += [*card["extractors"]]
    name = "-".join(re.sub(r"[^\w.@]+", "_", str(part)) for part in parts if part != "")
    return home / f"{name.encode()[:LONGEST_NAME].decode(errors='ignore')}-{settings(card)}.json"


def writable(folder: Path) -> None:
    """Nothing is made. Raises: InputError: no card could be written there."""
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise InputError(f"no card can be written to {folder}; name another folder with --out")


def settings(card: Mapping[str, Any]) -> str:
    """Eight digits that hang on everything that was asked for."""
    about = {key: card[key] for key in ("split", "n", "seed", "labels", "extractors")}
    about |= {"source": str(Path(card["source"]["path"]).resolve()), "content": card["source"]["checksum"]}
    about |= {"against": card["against"]["fingerprint"]}
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:8]


def keep(card: dict[str, Any], out: Path | None = None) -> tuple[Path, bool]:
    """Write the card whole; where it lies, and whether it took the place of an earlier one of the same settings.

    Raises: WorkError: the disk is full.
    """
    path = place(card, out)
    replaced = path.exists()
    write_json(path, card)
    return path, replaced


def read(path: Path) -> dict[str, Any]:
    """One card.

    Raises: InputError: none there, or a newer gansmith's.
    """
    try:
        card = read_json(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no card ({error}); write one with gansmith evaluate") from error
    if not isinstance(card, dict) or not isinstance(card.get("format"), int) or card["format"] > FORMAT:
        raise InputError(f"{path} is no card that this gansmith can read; upgrade with: pip install -U gansmith")
    if not _whole(card):
        raise InputError(f"{path} is a card with parts missing or changed; write it anew with gansmith evaluate")
    return card


def newest(run: Path) -> dict[str, Any] | None:
    """The card that stands for a run: of the weights it has now, on its own data before others, then that of most
    images, then the last one; None where there is none that can be read.

    Check: a quick try does not hide a full card, and a run that was trained on has none.
    """
    found = []
    for path in (run / FOLDER).glob("*.json"):
        with suppress(InputError):
            found.append(read(path))
    now = hash_of_run(run) if found else None
    current = [card for card in found if now and card["source"].get("checksum") == now]
    return max(current, key=_weight, default=None)


def _weight(card: Mapping[str, Any]) -> tuple[bool, int, str]:
    return bool(card["against"].get("own")), card["n"], str(card.get("created"))


def _whole(card: Mapping[str, Any]) -> bool:
    """Whether its numbers are numbers and its section can be written."""
    try:
        lines = [(line, keys) for part, keys in NUMBERS.items() for line in card[part].values()]
        return all(_number(line[key]) for line, keys in lines for key in keys) and bool(
            heading(card) + card_section(card)
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return False


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
