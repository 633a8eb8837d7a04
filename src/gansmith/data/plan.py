"""What will be done with every picture: the size, the channels, the background; each with its reason."""

import re
from collections import Counter
from dataclasses import dataclass

from gansmith.core.errors import InputError

SMALLEST, LARGEST, DEFAULT_CAP = 28, 256, 64
GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F"})
ALPHA_MODES = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How each picture is made into one row of the prepared array.

    Attributes:
        width, height: pixels.
        channels: 1 grey, 3 RGB, 4 RGB with alpha (not premultiplied).
        background: RGB that shows through transparent pixels when alpha is not kept.
        reason: why this resolution, in words.
        bits: the depth of wide grey files; 2 ** bits - 1 becomes 255.
    """

    width: int
    height: int
    channels: int
    background: tuple[int, int, int]
    reason: str
    bits: int = 16

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        return self.height, self.width, self.channels


@dataclass(frozen=True)
class Settings:
    """What the user asked for, checked.

    Attributes:
        resolution: (width, height), or None to choose.
        keep_alpha: four channels instead of compositing.
        background: RGB.
    """

    resolution: tuple[int, int] | None = None
    keep_alpha: bool = False
    background: tuple[int, int, int] = (255, 255, 255)


def parse_settings(resolution: str | None, alpha: str, background: str) -> Settings:
    """The user's words -> Settings.

    Raises: InputError: a bad resolution, background or alpha rule.
    """
    if alpha not in ("composite", "keep"):
        raise InputError(f"--alpha {alpha!r} is not known; choose composite or keep")
    size = None if resolution is None else parse_resolution(resolution)
    return Settings(size, alpha == "keep", parse_background(background))


def parse_resolution(text: str) -> tuple[int, int]:
    """``64`` or ``96x64`` (width x height) -> (width, height) in pixels.

    >>> parse_resolution("96x64")
    (96, 64)

    Raises: InputError: not of that form, or outside 28 to 256.
    """
    match = re.fullmatch(r"(\d{1,5})(?:[xX×](\d{1,5}))?", text.strip())
    if not match:
        raise InputError(f"--resolution {text!r} is not a size; write 64 or 96x64 (width x height)")
    width, height = int(match[1]), int(match[2] or match[1])
    if not (min(width, height) >= SMALLEST and max(width, height) <= LARGEST):
        raise InputError(f"--resolution {text} is outside {SMALLEST} to {LARGEST}; choose a size in that range")
    return width, height


def parse_background(text: str) -> tuple[int, int, int]:
    """A colour name or ``#rrggbb`` -> (red, green, blue) in 0..255.

    Raises: InputError: not a colour that Pillow knows.
    """
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(text)[:3]
    except ValueError as error:
        raise InputError(f"--background {text!r} is not a colour; write a name such as white, or #ffffff") from error


def median_short_side(sizes: Counter[tuple[int, int]]) -> int:
    """The lower median of min(width, height), counted with multiplicity."""
    shorts = sorted((min(size), count) for size, count in sizes.items())
    half, seen = (sum(sizes.values()) + 1) // 2, 0
    for side, count in shorts:
        seen += count
        if seen >= half:
            return side
    raise ValueError("no sizes")


def choose_resolution(sizes: Counter[tuple[int, int]]) -> tuple[int, int, str]:
    """(width, height, reason): the native size where all share a small one, else a power of two.

    Check: 28x28 everywhere stays 28x28; 500x300 everywhere gives 64x64; 40x50 mixed gives 32x32.
    """
    if len(sizes) == 1:
        (width, height) = next(iter(sizes))
        if all(SMALLEST <= side <= DEFAULT_CAP and side % 4 == 0 for side in (width, height)):
            return width, height, f"all images are {width}x{height}, kept as they are"
    median = median_short_side(sizes)
    side = max((s for s in (32, 64, 128, 256) if s <= median), default=32)
    if side > DEFAULT_CAP:
        reason = f"the median short side is {median}; {DEFAULT_CAP} suits two cores, --resolution asks for more"
        return DEFAULT_CAP, DEFAULT_CAP, reason
    fit = "the largest of 32, 64, 128, 256 not above it" if side <= median else "enlarged to the smallest choice"
    return side, side, f"the median short side is {median}; {side} is {fit}"


def make_plan(settings: Settings, sizes: Counter[tuple[int, int]], modes: Counter[str], bits: int = 16) -> Plan:
    """The plan for what was found and what the user asked for."""
    if settings.resolution is None:
        width, height, reason = choose_resolution(sizes)
    else:
        (width, height), reason = settings.resolution, "as asked"
    grey_ground = len(set(settings.background)) == 1 or not (set(modes) & ALPHA_MODES)
    channels = 4 if settings.keep_alpha else 1 if set(modes) <= GREY_MODES and grey_ground else 3
    return Plan(width=width, height=height, channels=channels, background=settings.background, reason=reason, bits=bits)
