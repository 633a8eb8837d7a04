"""A row: what theory says, what was measured, how far apart they are, and whether that is near enough."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: what is measured.
        theory: what it should be.
        measured: what it is.
        error: the distance that was judged, absolute or relative as the row was made.
        holds: whether it is near enough.
    """

    name: str
    theory: float
    measured: float
    error: float
    holds: bool


def near(name: str, theory: float, measured: float, within: float = 1e-9) -> Row:
    """Holds where the two differ by at most ``within``."""
    error = abs(measured - theory)
    return Row(name, theory, measured, error, error <= within)


def relative(name: str, theory: float, measured: float, within: float) -> Row:
    """Holds where the two differ by at most the share ``within`` of the theory's value."""
    error = abs(measured - theory) / abs(theory)
    return Row(name, theory, measured, error, error <= within)


def digits(name: str, theory: float, measured: float, count: int = 2) -> Row:
    """Holds where both agree when rounded to so many significant digits.

    Check: 0.640 and 0.6402 agree to two, 0.64 and 0.66 do not.
    """
    agree = f"{measured:.{count - 1}e}" == f"{theory:.{count - 1}e}"
    return Row(name, theory, measured, abs(measured - theory) / abs(theory), agree)


def between(name: str, theory: float, measured: float, low: float, high: float) -> Row:
    """Holds where the measured value lies from ``low`` to ``high``."""
    return Row(name, theory, measured, abs(measured - theory), low <= measured <= high)


def at_least(name: str, least: float, measured: float) -> Row:
    """Holds where the measured value is no smaller than theory allows; the error is what it lacks."""
    return Row(name, least, measured, max(0.0, least - measured), measured >= least)


def numbers(row: Row) -> Row:
    """The same row with plain finite numbers, as JSON can say them; what is not finite does not hold.

    Check: a NaN measured becomes a row that does not hold.
    """
    values = [float(value) + 0.0 for value in (row.theory, row.measured, row.error)]  # + 0.0 leaves no -0
    finite = all(map(math.isfinite, values))
    return Row(row.name, *values, holds=bool(row.holds) and finite)
