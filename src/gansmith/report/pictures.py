"""Pictures as data URIs, so that the page is one file."""

import base64
import io
import math
from functools import lru_cache
from pathlib import Path
from typing import Any

from gansmith.report.facts import RunFacts

FRAMES = 16
AS_IT_IS_BYTES = 60_000
LONGEST_SIDE = 1_600


def frames(facts: RunFacts) -> list[tuple[int, Path]]:
    """The sample grids to show, as (images seen, file): the first, the last, and others denser early on."""
    found: dict[int, Path] = {}
    for row in facts.rows.get("samples", []):
        if path := _inside(facts.path, row.get("file")):
            found[int(row.get("images") or 0)] = path
    ordered = sorted(found.items())
    return [ordered[index] for index in _spread(len(ordered), FRAMES)]


def _inside(folder: Path, name: Any) -> Path | None:
    """The named file if it lies in the run folder, so that a hostile run folder shows no other file."""
    if not isinstance(name, str):
        return None
    path = (folder / name).resolve()
    return path if path.is_file() and path.is_relative_to(folder.resolve()) else None


def _spread(count: int, most: int) -> list[int]:
    """At most ``most`` indices of ``count``, both ends among them, dense at the beginning."""
    if count <= most:
        return list(range(count))
    steps = (math.expm1(2.0 * i / (most - 1)) / math.expm1(2.0) for i in range(most))
    return sorted({round(step * (count - 1)) for step in steps})


def data_uri(path: Path) -> tuple[str, int, int]:
    """A picture file as (data URI, width, height); large files are compressed anew, as WebP.

    Raises: OSError: the file is no readable picture.
    """
    state = path.stat()
    return _encoded(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4 * FRAMES)
def _encoded(path: Path, _changed: int, size: int) -> tuple[str, int, int]:
    """Kept for the next page of a run in training, which shows most of the same files."""
    from PIL import Image

    with Image.open(path) as picture:
        width, height = picture.size
        if size <= AS_IT_IS_BYTES and picture.format == "PNG":
            return inline("png", path.read_bytes()), width, height
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=86, method=0)
    return inline("webp", buffer.getvalue()), width, height


def inline(kind: str, content: bytes) -> str:
    """A picture as the address that shows it, so that a page needs no file beside it."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
