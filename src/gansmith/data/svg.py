"""Drawings (SVG) as pictures, for data that we know: those of a package, not whatever a user's folder holds."""

from functools import partial
from pathlib import Path

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.file import File, sort_out
from gansmith.data.layout import Layout
from gansmith.data.pictures import Pictures, collect

SIDE = 128


def drawings(folder: Path, name: str, rule: str, progress: Progress) -> Pictures:
    """Every SVG of a folder, rendered at 128 pixels a side, in the order of names; no labels.

    Raises: InputError: resvg is not installed, or no drawing is there.
    """
    paths = sorted(folder.glob("*.svg"))
    if not paths:
        raise InputError(f"{folder} holds no drawings; fetch the package again")
    files = [
        File(f"{path.stem}.png", (status.st_size, status.st_mtime_ns), partial(_png, path))
        for path, status in ((path, path.stat()) for path in paths)
    ]
    return collect(sort_out(files, []), folder, name, lambda names: Layout(None, None, [rule]), progress)


def _png(path: Path) -> bytes:
    try:
        import resvg_py
    except ImportError as error:
        raise InputError("drawings are rendered by resvg, which is missing; pip install 'gansmith[start]'") from error
    return bytes(resvg_py.svg_to_bytes(svg_path=str(path), width=SIDE, height=SIDE, skip_system_fonts=True))
