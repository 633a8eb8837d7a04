"""A value with its standard error and interval."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LEVEL = 0.95


def normal_reach(level: float = LEVEL) -> float:
    """How many standard errors a two-sided interval reaches each way. Check: 1.96 at 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


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
    def normal(
        cls,
        value: float,
        error: float,
        level: float = LEVEL,
        lowest: float = float("-inf"),
        highest: float = float("inf"),
    ) -> "Estimate":
        """A symmetric normal interval, cut at what can be. Check: level 0.95 is 1.96 errors wide each way."""
        reach = normal_reach(level) * error
        return cls(value, error, max(lowest, value - reach), min(highest, value + reach))

    @classmethod
    def share(cls, hits: int, of: int, level: float = LEVEL) -> "Estimate":
        r"""The share of ``of`` independent rows for which something holds, with Wilson's interval.

        .. math:: \frac{p + z^2 / 2n \pm z \sqrt{p (1 - p) / n + z^2 / 4 n^2}}{1 + z^2 / n}

        Its ends are in [0, 1] and its width is above zero even where none or all are hit; the error is
        half the width over z.

        Raises: ValueError: when ``of`` is zero.
        Check: the ends p' solve (p - p')^2 = z^2 p' (1 - p') / n.
        Source: Wilson 1927, J. Am. Stat. Assoc. 22.
        """
        if of < 1:
            raise ValueError("a share needs at least one row")
        share, z = hits / of, normal_reach(level)
        centre = (share + z**2 / (2 * of)) / (1 + z**2 / of)
        half = z * (share * (1 - share) / of + z**2 / (4 * of**2)) ** 0.5 / (1 + z**2 / of)
        # At none and at all the end is the share itself, but for rounding.
        return cls(share, half / z, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)))

    @classmethod
    def mean(cls, rows: "Tensor", level: float = LEVEL, lowest: float = float("-inf")) -> "Estimate":
        """The mean of (n,) independent rows, n >= 2. Check: the error is the deviation over sqrt(n)."""
        return cls.normal(float(rows.mean()), float(rows.var() / len(rows)) ** 0.5, level, lowest)

    @classmethod
    def jackknife(
        cls,
        value: float,
        without: "Tensor",
        level: float = LEVEL,
        lowest: float = float("-inf"),
        highest: float = float("inf"),
    ) -> "Estimate":
        r"""A statistic of n rows, from the (n,) values that it takes without each of them.

        .. math:: \widehat{var} = \frac{n - 1}{n} \sum_i (t_{-i} - \bar t)^2

        Its expectation is never below the variance at n - 1 rows (Efron and Stein 1981).

        Check: of a mean it is the deviation over sqrt(n).
        Source: Tukey 1958; Efron 1982, The Jackknife.
        """
        n = len(without)
        error = float((n - 1) ** 2 / n * without.double().var()) ** 0.5
        return cls.normal(value, error, level, lowest, highest)

    def as_dict(self) -> dict[str, float]:
        """``value``, ``low`` and ``high``."""
        return {"value": self.value, "low": self.low, "high": self.high}
