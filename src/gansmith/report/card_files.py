"""Where cards are kept: a run's in its folder, those of other programs' images in ``evaluations``."""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.files import read_json, write_json
from gansmith.metrics.card import FORMAT

FOLDER = "evaluations"


def place(card: Mapping[str, Any], out: Path | None = None) -> Path:
    """The file of a card: the same for the same settings on the same things, another for any other.

    Check: another seed is another file; the same call again is the same file.
    """
    run = card["source"]["kind"] == "run"
    home = out or (Path(card["source"]["path"]) / FOLDER if run else Path(FOLDER))
    parts = ["" if run else card["source"]["name"], card["split"], f"n{card['n']}", f"seed{card['seed']}"]
    parts += [*card["extractors"], settings(card)]
    name = "-".join(re.sub(r"[^\w.@]+", "_", str(part)) for part in parts if part != "")
    return home / f"{name}.json"


def settings(card: Mapping[str, Any]) -> str:
    """Eight digits that hang on everything that was asked for."""
    about = {key: card[key] for key in ("split", "n", "seed", "labels", "extractors")}
    about |= {"source": str(Path(card["source"]["path"]).resolve()), "against": card["against"]["fingerprint"]}
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
    if not isinstance(card, dict) or "metrics" not in card or card.get("format", FORMAT + 1) > FORMAT:
        raise InputError(f"{path} is no card that this gansmith can read; upgrade with: pip install -U gansmith")
    return card


def newest(run: Path) -> dict[str, Any] | None:
    """The card of a run that was made last; None where there is none that can be read."""
    found = []
    for path in (run / FOLDER).glob("*.json"):
        with suppress(InputError):
            found.append(read(path))
    return max(found, key=lambda card: str(card.get("created")), default=None)
