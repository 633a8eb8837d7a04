"""A value with its standard error and interval."""

from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Estimate:
    """A metric's value from one sample, and where its expectation lies.

    Attributes:
        value: what the sample gave.
        error: its standard error.
        low: lower end of the interval.
        high: upper end.
    """

    value: float
    error: float
    low: float
    high: float

    @classmethod
    def normal(cls, value: float, error: float, level: float = 0.95, lowest: float = float("-inf")) -> "Estimate":
        """A symmetric normal interval, cut below at ``lowest``. Check: level 0.95 is 1.96 errors wide each way."""
        reach = NormalDist().inv_cdf((1 + level) / 2) * error
        return cls(value, error, max(lowest, value - reach), value + reach)

    def as_dict(self) -> dict[str, float]:
        """``value``, ``low`` and ``high``."""
        return {"value": self.value, "low": self.low, "high": self.high}
