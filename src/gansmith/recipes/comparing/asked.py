"""What a comparison that trains is asked for: written down before it begins, and held to afterwards."""

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.registry import hint
from gansmith.data.sources import SOURCES
from gansmith.recipes.comparing.methods import Method, method_of
from gansmith.recipes.sizes import COARSEST
from gansmith.report.sections.choices import value_words

DEFAULT_MINUTES = 4.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What decides the result; how many cases run at a time does not.

    Attributes:
        data: a folder, zip, IDX files, built-in name or hf:NAME.
        presets: names of methods; the others are compared with the first.
        seeds: runs of each method, from seed 0 on.
        minutes, images: the budget of one run, one of them; neither is four minutes.
        rates: the learning rates that each method chooses from in trials; empty leaves each its own.
        labels: whether the classes are learned where the data bring them.
        network, size: of all methods; chosen from the data and the budget when None.
        resolution: how pictures are read.
        threads: of one run; all processors shared among the runs at a time when None.
    """

    data: str
    presets: tuple[str, ...]
    seeds: int = 3
    minutes: float | None = None
    images: int | None = None
    rates: tuple[float, ...] = ()
    labels: bool = True
    network: str | None = None
    size: str | None = None
    resolution: str | None = None
    threads: int | None = None

    @property
    def methods(self) -> list[Method]:
        """Raises: InputError: for a name that is neither preset nor recipe."""
        return [method_of(name) for name in self.presets]

    @property
    def budget_minutes(self) -> float | None:
        """The budget of one run in minutes; None where it was given in images."""
        return None if self.images else self.minutes or DEFAULT_MINUTES

    def refuse(self) -> None:
        """Raises: InputError: for the first thing that cannot be done."""
        for message in (self._of_the_methods(), self._of_the_budget(), self._of_the_rates()):
            if message:
                raise InputError(message)
        if self.size and self.size not in COARSEST:
            raise InputError(f"no size is named {self.size!r}; {hint(self.size, COARSEST)}")

    def _of_the_methods(self) -> str | None:
        if len({method.file_name for method in self.methods}) < len(self.presets):
            return f"--presets {','.join(self.presets)} names a method twice; name each once"
        if len(self.presets) * self.seeds < 2:
            return "one run alone compares with nothing; name two --presets, or two --seeds"
        return None

    def _of_the_budget(self) -> str | None:
        if self.minutes is not None and self.images is not None:
            return "give the budget as --minutes or as --images, not both"
        for name in ("seeds", "minutes", "images", "threads"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                return f"--{name} must be above 0, not {value}"
        return None

    def _of_the_rates(self) -> str | None:
        if not all(rate > 0 and math.isfinite(rate) for rate in self.rates):
            return "every one of --rates must be above 0"
        if len(set(self.rates)) != len(self.rates) or len(self.rates) == 1:
            return "--rates takes two or more different values, such as 5e-4,1e-3,3e-3"
        return None

    def to_json(self) -> dict[str, Any]:
        """As written to comparison.json."""
        here = self.data not in SOURCES.names and Path(self.data).exists()
        data = str(Path(self.data).resolve()) if here else self.data
        lists = {"presets": list(self.presets), "rates": list(self.rates)}
        return asdict(self) | {"data": data, "minutes": self.budget_minutes, **lists}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Asked":
        """As read from comparison.json."""
        return replace(cls(**stored), presets=tuple(stored["presets"]), rates=tuple(stored["rates"]))


def difference(asked: Asked, stored: dict[str, Any]) -> str | None:
    """The first thing that is asked differently than before, in words; None when nothing is.

    The data may have moved; whether they are the same is told by their fingerprint.
    """
    for name, value in asked.to_json().items():
        if name != "data" and value != stored.get(name):
            return f"{name}: {value_words(stored.get(name)) or 'none'} then, {value_words(value) or 'none'} now"
    return None
