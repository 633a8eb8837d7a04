"""``gansmith sample``: draw from a trained generator."""

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from gansmith.cli.options import between_0_and_1, clean_stdout, positive, print_json
from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically

GRID_AT_MOST = 400


def sample(
    run: str,
    /,
    *,
    n: Annotated[int, Parameter(name=["-n", "--n"], validator=positive)] = 16,
    out: Path | None = None,
    seed: int = 0,
    label: str | None = None,
    truncation: Annotated[float, Parameter(validator=between_0_and_1)] = 1.0,
    files: bool = True,
    grid: bool = True,
    npz: Annotated[bool, Parameter(negative=())] = False,
    overwrite: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Draw pictures from a run.

    The same run, seed, label and truncation always draw the same pictures.

    Parameters
    ----------
    run
        A run folder, or the id of a model on the hub.
    n
        How many pictures.
    out
        Where they go. Default: RUN/drawn/, one folder for each seed, label and truncation.
    seed
        Another seed, other pictures.
    label
        Draw this class only: its name, or its number from 0.
    truncation
        Below 1: safer, more alike; 1: as varied as the data.
    files
        Write each picture as a PNG file.
    grid
        Write one picture of all of them (the first 400), grid.png.
    npz
        Write samples.npz: images, uint8, (n, height, width, channels).
    overwrite
        Replace what an earlier call wrote there.
    json
        Print one JSON object on stdout, and nothing else there.
    """
    folder = out or _default_folder(run, seed, label, truncation)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name another folder with --out")
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty; add --overwrite, or name another folder with --out")
    with clean_stdout(json):
        from gansmith.networks.pretrained import Generator

        generator = Generator.from_pretrained(run)
        number = _label_number(label, generator.classes)
        images = generator.sample(n, seed=seed, label=number, truncation=truncation)
        _clear(folder)
        written = _write(folder, images, files=files, grid=grid, npz=npz)
    if json:
        print_json(
            {"run": run, "out": folder, "n": n, "seed": seed, "label": label, "truncation": truncation, **written}
        )
    print(f"{n} pictures of {run} in {folder}", file=sys.stderr)


def _default_folder(run: str, seed: int, label: str | None, truncation: float) -> Path:
    """Beside the run it came from, or here when the run is on the hub."""
    parts = [f"seed{seed}"]
    if label is not None:
        parts.append("".join(c if c.isalnum() or c in "-_" else "_" for c in label))
    if truncation != 1:
        parts.append(f"t{truncation:g}")
    path = Path(run)
    home = path if path.is_dir() else path.parent if path.is_file() else Path(run.replace("/", "-"))
    return home / "drawn" / "-".join(parts)


def _clear(folder: Path) -> None:
    """Remove what an earlier call wrote, and nothing else."""
    for pattern in ("[0-9]" * 5 + ".png", "grid.png", "samples.npz"):
        for path in folder.glob(pattern):
            path.unlink()


def _label_number(label: str | None, classes: Sequence[str]) -> int | None:
    """The class's number, from its name or from the number itself.

    Raises: InputError: no such class, or a run that learned none.
    """
    if label is None:
        return None
    names = [str(name) for name in classes or ()]
    if not names:
        raise InputError("this run learned no classes; leave --label out")
    if label in names:
        return names.index(label)
    if label.isdecimal() and int(label) < len(names):
        return int(label)
    near = difflib.get_close_matches(label, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names[:20])}"
    raise InputError(f"no class is named {label!r}; {hint}")


def _write(folder: Path, images: Any, *, files: bool, grid: bool, npz: bool) -> dict[str, Any]:
    """Write what was asked for; the paths, by kind."""
    from gansmith.core.images import grid as tile
    from gansmith.core.images import to_pillow

    written: dict[str, Any] = {"files": [], "grid": None, "npz": None}
    for index, image in enumerate(images if files else ()):
        written["files"].append(_save(folder / f"{index:05d}.png", to_pillow(image)))
    if grid:
        written["grid"] = _save(folder / "grid.png", to_pillow(tile(images[:GRID_AT_MOST])))
    if npz:
        import numpy as np

        path = folder / "samples.npz"
        write_atomically(path, lambda temporary: _save_npz(np, temporary, images))
        written["npz"] = path
    return written


def _save(path: Path, picture: Any) -> Path:
    write_atomically(path, lambda temporary: picture.save(temporary, format="PNG"))
    return path


def _save_npz(np: Any, path: Path, images: Any) -> None:
    with open(path, "wb") as handle:
        np.savez_compressed(handle, images=images)
