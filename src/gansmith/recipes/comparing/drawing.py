"""One fixed grid for each method, from latents of the same seed, and all of them side by side."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically
from gansmith.core.images import grid, to_pillow
from gansmith.core.runfolder import RunFolder
from gansmith.networks.pretrained import Generator
from gansmith.recipes.comparing.folder import ComparisonFolder
from gansmith.report.compared import Row, shortened

SIDE, SEED = 6, 0
NARROWEST, GAP, HEAD = 240, 24, 26


def draw_grids(rows: Sequence[Row], folder: ComparisonFolder) -> dict[str, Path]:
    """Each method's 36 pictures, none picked out, as a file; of its first seed. Methods without a generator have none.

    comparison.png shows all of them.
    """
    grids = {row.name: drawn for row in rows if row.runs and (drawn := _grid_of(row)) is not None}
    files = {name: folder.pictures / f"{index:02d}-{_plain(name)}.png" for index, name in enumerate(grids)}
    for old in folder.pictures.glob("[0-9][0-9]-*.png"):
        old.unlink()
    for name, path in files.items():
        _save(to_pillow(grids[name]), path)
    if grids:
        _save(side_by_side(grids), folder.picture)
    else:
        folder.picture.unlink(missing_ok=True)  # an earlier one would show other runs
    return files


def _grid_of(row: Row) -> np.ndarray | None:
    run = min(row.runs, key=lambda each: each.choice("seed") or 0)
    if not RunFolder(run.path).generator.is_file():
        return None
    try:
        generator = Generator.from_pretrained(run.path)
    except InputError:
        return None  # a comparison of numbers is worth having without the pictures
    return grid(generator.sample(SIDE * SIDE, seed=SEED), SIDE)


def side_by_side(grids: dict[str, np.ndarray]) -> Any:
    """All grids under their names, as one Pillow image on white."""
    from PIL import Image, ImageDraw, ImageFont

    shown = {name: _enlarged(to_pillow(pixels).convert("RGBA")) for name, pixels in grids.items()}
    columns = min(len(shown), max(3, math.ceil(math.sqrt(len(shown)))))
    width, height = (max(getattr(picture, side) for picture in shown.values()) for side in ("width", "height"))
    rows = math.ceil(len(shown) / columns)
    size = (GAP + columns * (width + GAP), GAP + rows * (height + HEAD + GAP))
    canvas = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(16)
    for index, (name, picture) in enumerate(shown.items()):
        x, y = GAP + index % columns * (width + GAP), GAP + index // columns * (height + HEAD + GAP)
        most = next(most for most in range(len(name), 0, -1) if font.getlength(shortened(name, most)) <= width)
        pen.text((x, y), shortened(name, most), fill="#14211d", font=font)
        canvas.paste(picture, (x, y + HEAD), picture)
    return canvas


def _enlarged(picture: Any) -> Any:
    """Small pixels made larger, and no smoother than they are."""
    factor = max(1, math.ceil(NARROWEST / picture.width))
    return picture.resize((picture.width * factor, picture.height * factor), 0)


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-")


def _save(picture: Any, path: Path) -> None:
    write_atomically(path, lambda temporary: picture.save(temporary, format="PNG"))
