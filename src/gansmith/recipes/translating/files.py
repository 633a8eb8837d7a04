"""Picture files in, picture files out: names, sizes and transparency are kept."""

import glob
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from gansmith.core.errors import InputError
from gansmith.core.files import write_atomically
from gansmith.core.progress import Progress
from gansmith.data.collection import RefusedError
from gansmith.data.decode import MOST_BYTES, WIDE_MODES, damaged, narrow, open_image
from gansmith.data.folder import folder_files
from gansmith.data.plan import parse_background
from gansmith.networks.translated import Translator

WRITTEN = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
LOSSY = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True}}
ORIENTATION = 0x0112


@dataclass(frozen=True)
class Task:
    """One file to translate and where its answer goes, without a suffix for variants."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Written:
    """What a call has done.

    Attributes:
        files: what was written.
        refused: (file, reason) of what could not be read.
    """

    files: list[Path]
    refused: list[tuple[str, str]]


def tasks(inputs: Sequence[str], out: Path | None, run: Path) -> list[Task]:
    """The files that are meant: files, folders (all pictures within, in place), and patterns.

    Raises: InputError: nothing there, or two files that would be written to one place.
    """
    found: list[tuple[Path, Path]] = []
    for given in inputs:
        path = Path(given).expanduser()
        if path.is_dir():
            found += [(path / file.name, Path(file.name)) for file in folder_files(path).files]
        elif path.is_file():
            found.append((path, Path(path.name)))
        else:
            matches = sorted(Path(match) for match in glob.glob(str(path), recursive=True) if Path(match).is_file())
            if not matches:
                raise InputError(f"there is no file, folder or pattern {given}; name pictures to translate")
            found += [(match, Path(match.name)) for match in matches]
    if not found:
        raise InputError(f"there are no pictures in {', '.join(inputs)}")
    one = len(found) == 1 and out is not None and out.suffix.lower() in WRITTEN and not out.is_dir()
    folder = out or run / "translated"
    made = [Task(source, out if one and out else folder / name) for source, name in found]
    targets: dict[Path, Path] = {}
    for task in made:
        if task.target.with_suffix("") in targets:
            first = targets[task.target.with_suffix("")]
            raise InputError(f"{first} and {task.source} would both be written to {task.target}; translate them apart")
        targets[task.target.with_suffix("")] = task.source
    return made


def translate_files(
    translator: Translator,
    work: Iterable[Task],
    *,
    direction: str,
    variants: int = 1,
    seed: int = 0,
    background: str = "white",
    wrap: tuple[bool, bool] = (False, False),
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Written:
    """Translate file after file; one that cannot be read is passed over, with its reason.

    Args:
        background: what transparent pictures are laid on before they are translated; their transparency is kept.
    Raises: InputError: a target exists, or none of the files could be read; WorkError: the disk is full.
    """
    progress, work = progress or Progress(), list(work)
    if not overwrite:
        there = [path for task in work for path in _targets(task, variants) if path.exists()]
        if there:
            raise InputError(f"{there[0]} exists; add --overwrite, or name another place with --out")
    written: list[Path] = []
    refused: list[tuple[str, str]] = []
    given, ground = translator.channels(direction)[0], parse_background(background)
    progress.start(f"translating {len(work):,} pictures", len(work) * variants)
    for number, task in enumerate(work):
        try:
            pixels, alpha = read_picture(task.source, given, ground, holes=translator.fills)
        except RefusedError as error:
            refused.append((str(task.source), str(error)))
            continue
        for variant, path in enumerate(_targets(task, variants)):
            done = number * variants + variant

            def tell(share: float, done: int = done) -> None:
                progress.advance(done + share)

            made = translator.translate(pixels, direction, seed=seed, variant=variant, wrap=wrap, progress=tell)
            _write(path, made, alpha)
            written.append(path)
            progress.advance(done + 1)
    progress.finish()
    if not written and refused:
        raise InputError(f"none of {len(refused):,} files could be read ({refused[0][0]}: {refused[0][1]})")
    return Written(written, refused)


def read_picture(
    path: Path, channels: int, background: tuple[int, int, int], holes: bool = False
) -> tuple[np.ndarray, np.ndarray | None]:
    """(H, W, channels) uint8 as it is shown, and its transparency (H, W) where it has some that is not translated.

    Args:
        holes: the last channel says what is known, by the transparency.

    Raises: RefusedError: not a picture, damaged, or too large.
    """
    try:
        with open(path, "rb") as handle:
            content = handle.read(MOST_BYTES + 1)
    except OSError as error:
        raise RefusedError(f"cannot be read ({error.strerror or error})") from error
    image = open_image(content)
    try:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        if image.mode in WIDE_MODES or image.mode == "F":
            image = narrow(image, 16)
        if channels == 4 or holes:
            with_alpha = image.convert("LA" if channels == 2 else "RGBA")
            return np.asarray(with_alpha), None
        alpha = None
        if image.has_transparency_data:
            image = image.convert("RGBA")
            alpha = np.asarray(image)[..., 3]
            ground = Image.new("RGBA", image.size, (*background, 255))
            ground.alpha_composite(image)
            image = ground
        pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
        return (pixels[..., None] if channels == 1 else pixels), alpha
    except RefusedError:
        raise
    except Exception as error:
        raise damaged(error) from error


def _targets(task: Task, variants: int) -> list[Path]:
    path = task.target if task.target.suffix.lower() in WRITTEN else task.target.with_suffix(".png")
    return [path] if variants == 1 else [path.with_stem(f"{path.stem}-{number + 1}") for number in range(variants)]


def _write(path: Path, made: np.ndarray, alpha: np.ndarray | None) -> None:
    kind = WRITTEN[path.suffix.lower()]
    image: Any = Image.fromarray(made[..., 0] if made.shape[-1] == 1 else made)
    if alpha is not None and kind not in ("JPEG", "BMP"):
        image = image.convert("RGBA")
        image.putalpha(Image.fromarray(alpha).resize(image.size, Image.Resampling.LANCZOS))
    elif image.mode == "RGBA" and kind in ("JPEG", "BMP"):
        image = image.convert("RGB")
    packed = io.BytesIO()
    image.save(packed, format=kind, **LOSSY.get(kind, {}))
    write_atomically(path, lambda temporary: temporary.write_bytes(packed.getvalue()))
