"""Numbers and names as a reader wants them: few digits, thin units, no jargon left unexplained."""

import math
from typing import Any

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"

METRIC_NAMES = {
    "fd": "FD",
    "kid": "KID",
    "precision": "precision",
    "recall": "recall",
    "distance": "distance",
    "psnr": "PSNR",
    "ssim": "SSIM",
}
METRIC_MEANINGS = {
    "fd": "distance between drawn and real pictures; lower is better",
    "kid": "distance between drawn and real pictures, without small-sample bias; lower is better",
    "precision": "share of drawn pictures that lie among real ones",
    "recall": "share of real pictures that drawn ones come near",
    "distance": "of each translation from its truth, to a pretrained network; lower is better",
    "psnr": "of each translation beside its truth, in dB; higher is better",
    "ssim": "structure shared with the truth; at most 1",
}


def number(value: Any, digits: int = 3) -> str:
    """A number with about ``digits`` significant digits and thousands marked; a dash when there is none.

    Check: 1234567 -> 1,234,567; 0.012345 -> 0.0123; None -> an en dash.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return DASH
    if value == 0 or isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude >= 6 or magnitude < -4:
        return f"{value:.{digits - 1}g}".replace("-", MINUS)
    return f"{value:,.{max(digits - 1 - magnitude, 0)}f}".replace("-", MINUS)


def short(value: float) -> str:
    """A count for an axis or a tile: 950, 12.5k, 1.2M.

    Check: 1_500_000 -> 1.5M.
    """
    for limit, mark in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{mark}".replace("-", MINUS)
    return f"{value:.4g}".replace("-", MINUS)


def duration(seconds: float) -> str:
    """Seconds in words. Check: 75 -> 1 min 15 s; 7260 -> 2 h 1 min."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def clock(seconds: float) -> str:
    """Seconds as M:SS or H:MM:SS. Check: clock(3661) is 1:01:01."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun. Check: 1 picture, 2 pictures."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def metric_name(key: str, extractor: str | None = None) -> str:
    """FD with its extractor, as in FD-lite0; the other metrics by their names."""
    name = METRIC_NAMES.get(key, key)
    return f"{name}-{extractor}" if extractor and key in ("fd", "kid", "distance") else name


def metric_value(key: str, value: Any) -> str:
    """A metric's value in the digits that mean something for it."""
    if not isinstance(value, (int, float)):
        return DASH
    if key in ("precision", "recall"):
        return f"{value:.2f}"
    if key == "kid" and abs(value) < 1:
        return f"{value:.4f}".replace("-", MINUS)
    return number(float(value))


def span(key: str, metric: dict[str, Any]) -> str:
    """A metric's interval, low to high, or nothing."""
    low, high = metric.get("low"), metric.get("high")
    if low is None or high is None:
        return ""
    return f"{metric_value(key, low)} to {metric_value(key, high)}"


def size_words(resolution: Any) -> str:
    """A resolution however it was recorded (64, [64, 48], "64x48"), as 64 × 48."""
    if isinstance(resolution, (list, tuple)) and resolution:
        width, height = (resolution[0], resolution[-1])
    elif isinstance(resolution, str) and "x" in resolution:
        width, _, height = resolution.partition("x")
    else:
        width = height = resolution
    return f"{width} × {height}"


def colour_words(channels: Any) -> str:
    """What a number of channels means."""
    return {1: "grey", 3: "colour", 4: "colour and transparent"}.get(channels, f"{channels}-channel")
