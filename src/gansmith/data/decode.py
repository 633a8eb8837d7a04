"""One file's bytes to one row of pixels, by stated rules; anything wrong with it is a reason, not a crash."""

import io
import threading
from contextlib import nullcontext
from functools import cache

import numpy as np
from PIL import Image, ImageOps

from gansmith.data.collection import RefusedError
from gansmith.data.fit import as_array, fit
from gansmith.data.plan import Plan

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "MPO", "JPEG2000", "AVIF", "ICO")
"""Formats with a signature, and none that runs another program, as EPS does."""
MOST_PIXELS, LARGE_PIXELS = 2**26, 2**24
MOST_BYTES = 2**28
ONE_LARGE = threading.Lock()
"""Pictures above 2**24 pixels are decoded one at a time, so that memory stays bounded."""
WIDE_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
RULES = {
    "orientation": "EXIF orientation is applied",
    "animated": "the first frame of an animated file is used",
    "palette": "palettes are resolved to their colours",
    "cmyk": "CMYK is turned into RGB",
    "wide": "16-bit grey is scaled to 8 bits, counting from the depth that the brightest value needs",
    "profile": "embedded colour profiles are not applied",
}


@cache
def formats_here() -> tuple[str, ...]:
    """FORMATS that the installed Pillow knows."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def open_image(content: bytes) -> Image.Image:
    """Open without decoding, and refuse what is too large to decode.

    Raises: RefusedError: not an image, or a decompression bomb by its header.
    """
    if not content:
        raise RefusedError("empty file")
    try:
        image = Image.open(io.BytesIO(content), formats=formats_here())
    except Image.DecompressionBombError as error:
        raise RefusedError(f"more than {MOST_PIXELS:,} pixels") from error
    except Exception as error:
        raise RefusedError(stranger(content)) from error
    if image.width * image.height > MOST_PIXELS:
        raise RefusedError(f"more than {MOST_PIXELS:,} pixels ({image.width}x{image.height})")
    return image


def stranger(content: bytes) -> str:
    """The reason for what no decoder knows, with advice for two kinds that people often have."""
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"heim", b"hevc"):
        return "HEIC is not read; convert it to JPEG or PNG"
    if b"<svg" in content[:1000]:
        return "a drawing (SVG) without pixels; render it to PNG"
    return "not an image that can be read"


def decode(content: bytes, plan: Plan) -> np.ndarray:
    """(H, W, C) uint8 of the plan's shape.

    Raises: RefusedError: not an image, truncated, damaged, or too large.
    """
    image = open_image(content)
    large = image.width * image.height > LARGE_PIXELS
    try:
        with ONE_LARGE if large else nullcontext():
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return to_plan(image, plan)
    except RefusedError:
        raise
    except Exception as error:
        raise damaged(error) from error


def damaged(error: Exception) -> RefusedError:
    """What a decoder complained about, as a reason in one line."""
    return RefusedError(f"damaged or truncated ({' '.join(str(error).split()) or type(error).__name__})")


def to_plan(image: Image.Image, plan: Plan) -> np.ndarray:
    """A loaded image -> (H, W, C) uint8: depth, colours, crop and resize, then alpha.

    Check: a fully transparent picture composited is the background; a 16-bit ramp keeps its order.
    """
    if image.mode in WIDE_MODES or image.mode == "F":
        image = narrow(image, plan.bits)
    if plan.channels == 4 or image.has_transparency_data:
        return flatten(fit(in_mode(image, "RGBA"), plan.width, plan.height), plan)
    grey = plan.channels == 1 or image.mode in ("L", "1")
    pixels = as_array(fit(in_mode(image, "L" if grey else "RGB"), plan.width, plan.height))
    return pixels if pixels.shape[2] == plan.channels else np.repeat(pixels, plan.channels, axis=2)


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    """The image in a Pillow mode, copied only where it has another."""
    return image if image.mode == mode else image.convert(mode)


def flatten(image: Image.Image, plan: Plan) -> np.ndarray:
    """RGBA of the plan's size -> composited on the background, or kept with clean hidden colours."""
    if plan.channels == 4:
        return as_array(image.convert("RGBa").convert("RGBA"))
    ground = Image.new("RGBA", image.size, (*plan.background, 255))
    ground.alpha_composite(image)
    return as_array(ground.convert("L" if plan.channels == 1 else "RGB"))


def narrow(image: Image.Image, bits: int) -> Image.Image:
    """A picture of wide integers or floats -> mode L.

    Args:
        bits: the depth that counts as white, such as 12 for 4095; floats go from 0 to 1.
    Raises: RefusedError: values outside the range.
    """
    raw = np.asarray(image)
    top = 1.0 if image.mode == "F" else float(2**bits - 1)
    if not (raw.min() >= 0 and raw.max() <= top):  # also false for NaN
        raise RefusedError(f"pixel values outside 0 to {top:g}; save it with 8 or 16 bits")
    scaled = np.multiply(raw, 255 / top, dtype=np.float32)
    return Image.fromarray(np.rint(scaled, out=scaled).astype(np.uint8))
