"""What every metric of the registry promises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from gansmith.core.errors import InputError
from gansmith.metrics import METRICS
from gansmith.metrics.evidence import SETS, Evidence
from gansmith.metrics.interval import Estimate

Direction = Literal["lower", "higher", "real"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Metric:
    """One way to judge generated images.

    The intervals are for the expectation over fresh samples of the same number from the same generator,
    the real and training images held fixed, unless the metric's own words say otherwise.

    Args:
        compute: evidence in which nothing is lacking -> name of what is found -> its estimate. Where a
            name has parts, such as classes, they follow a slash: ``class-kid/shoe``.
        reads: the attributes of ``Evidence`` that it needs.
        better: each name without its part -> whether lower or higher values are better, or those nearest
            to what real images get.
        fewest: the fewest generated and real images that it is defined for.
        widths: generated images must be more than this times the number of features, and then real ones
            more than the number of features.
        refuses: what else may be lacking, said in words, or None; called when all the above is there.
    """

    compute: Callable[[Evidence], dict[str, Estimate]]
    reads: tuple[str, ...]
    better: Mapping[str, Direction]
    fewest: int = 2
    widths: int = 0
    refuses: Callable[[Evidence], str | None] = lambda evidence: None

    def needs(self, which: str, width: int = 0) -> int:
        """The fewest rows of generated, real or training images, with ``width`` features."""
        if which == "training":
            return 2
        factor = self.widths if which == "generated" else min(self.widths, 1)
        return max(self.fewest, factor * width + 1 if factor else 0)

    def lacks(self, evidence: Evidence) -> str | None:
        """Why it cannot be computed, in words, or None; nothing is computed.

        Check: whatever lacks nothing gives finite estimates.
        """
        faults = (evidence.fault(name) for name in self.reads)
        return (
            next((fault for fault in faults if fault), None)
            or evidence.disagreement(self.reads)
            or self._too_few(evidence)
            or self.refuses(evidence)
        )

    def direction(self, name: str) -> Direction:
        """Which way one of its names is better. Check: class-kid/shoe goes as class-kid."""
        return self.better[name.partition("/")[0]]

    def _too_few(self, evidence: Evidence) -> str | None:
        width = next((getattr(evidence, name).width for name in self.reads if name in SETS), 0)
        for which in dict.fromkeys(name.partition("_")[0] for name in self.reads):
            rows, needed = evidence.rows(which), self.needs(which, width)
            if rows < needed:
                why = f" for {width} features" if self.widths else ""
                return f"{rows} {which} image(s) are too few; it needs at least {needed}{why}"
        return None


def measured(name: str, evidence: Evidence) -> dict[str, Estimate]:
    """What one metric of the registry finds, or a user's ``module:metric``.

    Raises: InputError: when something is lacking; says what, and which metrics are still valid.
    """
    metric: Metric = METRICS.get(name)
    why = metric.lacks(evidence)
    if why is None:
        try:
            return metric.compute(evidence)
        except InputError as error:
            why = str(error)
    left = ", ".join(other for other in still_valid(evidence) if other != name)
    raise InputError(f"{name}: {why}; still valid here: {left or 'no other metric'}")


def still_valid(evidence: Evidence) -> list[str]:
    """The registered metrics that lack nothing."""
    return [name for name in METRICS.names if METRICS.get(name).lacks(evidence) is None]
