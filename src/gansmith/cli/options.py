"""How the words of a command line become values, and how results become one JSON object."""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cyclopts import Token

import gansmith

SUFFIXES = {"k": 1_000, "m": 1_000_000}


def registered(room: str) -> str:
    """The names that a room's folder holds, read without importing it, as help lists them."""
    files = (Path(gansmith.__file__).parent / room).glob("*.py")
    return ", ".join(sorted(file.stem.replace("_", "-") for file in files if not file.stem.startswith("_")))


def probability_or_ada(_hint: type, tokens: Sequence[Token]) -> float | str:
    """A probability, or the word ada.

    Raises: ValueError: when it is neither.
    """
    text = tokens[0].value.strip().lower()
    if text == "ada":
        return text
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is neither a probability nor ada") from error
    between_0_and_1(float, value)
    return value


def image_count(_hint: type, tokens: Sequence[Token]) -> int:
    """A number of images: 300000, 300_000, 300k or 2.5M.

    Check: 300k is 300,000.
    Raises: ValueError: when it is no positive number of images.
    """
    text = tokens[0].value.strip().lower().replace("_", "").replace(",", "")
    factor = SUFFIXES.get(text[-1:], 1)
    try:
        count = round(float(text.rstrip("km")) * factor)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{tokens[0].value!r} is no number of images; write 300000, 300k or 2M") from error
    if count < 1:
        raise ValueError("at least one image must be seen")
    return count


def positive(_hint: type, value: float | None) -> None:
    """Refuse a number that is zero, negative, infinite or NaN."""
    if value is not None and not 0 < value < float("inf"):
        raise ValueError("It must be a number above 0.")


def not_negative(_hint: type, value: float | None) -> None:
    """Refuse a number that is negative, infinite or NaN."""
    if value is not None and not 0 <= value < float("inf"):
        raise ValueError("It must be 0 or above.")


def between_0_and_1(_hint: type, value: float | None) -> None:
    """Refuse a number outside [0, 1]."""
    if value is not None and not 0 <= value <= 1:
        raise ValueError("It must lie between 0 and 1.")


@contextlib.contextmanager
def clean_stdout(wanted: bool) -> Iterator[None]:
    """While ``wanted``, whatever is printed below goes to stderr, so that stdout holds one JSON object."""
    if not wanted:
        yield
        return
    with contextlib.redirect_stdout(sys.stderr):
        yield


def print_json(value: Any) -> None:
    """One JSON object on stdout; paths become text, numbers that are not finite become null."""
    print(json.dumps(_plain(value), indent=2, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)
