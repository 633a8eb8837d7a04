"""Images out of an npz file: checked before they are loaded, and never unpickled."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from gansmith.core.errors import InputError

LARGEST_BYTES = 2 * 1024**3
RULE = "images, uint8, (n, height, width, channels) with 1, 3 or 4 channels"


def read_npz(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """``images`` (n, H, W, C) uint8, and ``labels`` (n,) of numbers or names where the file has them.

    Raises: InputError: no such file, not an npz, other shapes or types, more than 2 GB; says what is expected.
    Check: an array of objects is refused without being unpickled, a huge one without being read.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path}; name what gansmith sample --npz wrote")
    try:
        with zipfile.ZipFile(path) as archive:
            held = {name.removesuffix(".npy") for name in archive.namelist()}
            if "images" not in held:
                raise InputError(f"{path} holds {', '.join(sorted(held)) or 'nothing'}; it needs {RULE}")
            _check(path, *_header(archive, "images"))
            _refuse_objects(path, archive, "labels" in held)
        with np.load(path, allow_pickle=False) as file:
            images = file["images"]
            labels = file["labels"] if "labels" in held else None
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read as an npz ({error}); write one with gansmith sample --npz") from error
    images = images[..., None] if images.ndim == 3 else images
    if labels is not None and labels.shape != (len(images),):
        raise InputError(
            f"{path} has labels of shape {labels.shape}; it needs one for each of its {len(images)} images"
        )
    return images, labels


def _header(archive: zipfile.ZipFile, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of an array, from its first bytes."""
    with archive.open(f"{name}.npy") as file:
        major, _ = npy.read_magic(file)
        read = npy.read_array_header_1_0 if major == 1 else npy.read_array_header_2_0
        shape, _, dtype = read(file)
    return shape, dtype


def _refuse_objects(path: Path, archive: zipfile.ZipFile, labelled: bool) -> None:
    if labelled and _header(archive, "labels")[1].kind not in "iuU":
        raise InputError(f"{path} has labels that are neither whole numbers nor text; write them so")


def _check(path: Path, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if dtype.kind == "f":
        raise InputError(
            f"{path} holds {dtype} images, and no rule says which value is white (nor what NaN is); "
            f"convert them to uint8 in 0..255 first: {RULE}"
        )
    if dtype != np.uint8 or len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3, 4)) or 0 in shape:
        raise InputError(f"{path} holds images of {shape} {dtype}; it needs {RULE}")
    if (size := int(np.prod(shape, dtype=np.float64))) > LARGEST_BYTES:
        raise InputError(f"{path} holds {size / 1e9:.1f} GB of images; split it into files of at most 2 GB")
