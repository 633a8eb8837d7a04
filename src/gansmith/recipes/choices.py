"""What was chosen for the user, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.registry import hint


@dataclass(frozen=True)
class Choice:
    """A JSON-able value and the reason for it, in words."""

    value: Any
    reason: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the choices follow from.

    Attributes:
        train_images: rows that training may show.
        resolution: (height, width).
        channels: of what is made: 1, 3 or 4.
        given: channels of the pictures that are translated; 0 where none are.
        classes: number of labels, 0 for none.
        images: the budget in images shown (an estimate until the pace is known).
        minutes: the budget in minutes, or None where it was given in images.
        accelerated: whether a GPU does the work.
        size: "xs", "s", "m", "l", or None where the user leaves it to us.
        network: the family, or None where the user leaves it to us.
    """

    train_images: int
    resolution: tuple[int, int]
    channels: int
    classes: int
    images: int
    minutes: float | None = None
    accelerated: bool = False
    size: str | None = None
    network: str | None = None
    given: int = 0

    @property
    def passes(self) -> float:
        """How often each training image will be shown."""
        return self.images / self.train_images


Choices = dict[str, Choice]


def overridden(choices: Choices, asked: Mapping[str, Any]) -> Choices:
    """The choices with the user's own values in place.

    One number for what falls over the run is its start, and the fall keeps its proportion.

    Raises: InputError: for a name that is no choice.
    """
    for name in asked:
        if name not in choices:
            raise InputError(f"nothing that is chosen is named {name!r}; {hint(name, choices)}")
    mine = {name: Choice(_falling(choices[name].value, value), "asked for") for name, value in asked.items()}
    return choices | mine


def _falling(usual: Any, value: Any) -> Any:
    if not isinstance(usual, list) or isinstance(value, (list, tuple)):
        return value
    start, end = usual
    return [value, value * end / start if start else value]


def values(choices: Choices) -> dict[str, Any]:
    """The values alone, by name."""
    return {name: choice.value for name, choice in choices.items()}


def to_json(choices: Choices) -> dict[str, Any]:
    """As written to config.json."""
    return {name: {"value": choice.value, "reason": choice.reason} for name, choice in choices.items()}


def from_json(stored: Mapping[str, Any]) -> Choices:
    """As read from config.json."""
    return {name: Choice(entry["value"], entry["reason"]) for name, entry in stored.items()}
