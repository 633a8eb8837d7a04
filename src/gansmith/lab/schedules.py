"""Two more ways for a value to change over a run, beside the cosine."""

from dataclasses import dataclass

from gansmith.core.schedule import Cosine


@dataclass(frozen=True)
class Falling(Cosine):
    """From ``start`` to ``end`` by the same factor in every equal stretch of progress.

    Check: the value at 0 is start, at 1 is end, at 1/2 their geometric mean.
    """

    def __call__(self, progress: float) -> float:
        return self.start * (self.end / self.start) ** min(max(progress, 0.0), 1.0)


@dataclass(frozen=True)
class Held(Falling):
    """Constant for a share of the run, then falling.

    Check: the value is start up to ``share``, end at 1, and half way between their geometric mean.
    """

    share: float = 0.5

    def __call__(self, progress: float) -> float:
        return super().__call__((progress - self.share) / (1 - self.share))
