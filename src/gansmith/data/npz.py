"""Images out of an npz file: checked before they are loaded, and never unpickled."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from gansmith.core.errors import InputError

LARGEST_BYTES = 2 * 1024**3
LONGEST_BYTES = 1000  # of one label; text takes four a character
# An encrypted member is a RuntimeError, an unknown compression a NotImplementedError.
UNREADABLE = (OSError, ValueError, EOFError, KeyError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)
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
            held = {name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")}
            if "images" not in held:
                raise InputError(f"{path} holds {', '.join(sorted(held)) or 'nothing'}; it needs {RULE}")
            shape, dtype = _header(archive, "images")
            _check(path, shape, dtype)
            if "labels" in held:
                _check_labels(path, *_header(archive, "labels"), shape[0])
            images = _array(archive, "images")
            labels = _array(archive, "labels") if "labels" in held else None
    except InputError:
        raise
    except UNREADABLE as error:
        raise InputError(f"{path} cannot be read as an npz ({error}); write one with gansmith sample --npz") from error
    return images[..., None] if images.ndim == 3 else images, labels


def _header(archive: zipfile.ZipFile, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of an array, from its first bytes."""
    with archive.open(f"{name}.npy") as file:
        major, _ = npy.read_magic(file)
        read = npy.read_array_header_1_0 if major == 1 else npy.read_array_header_2_0
        shape, _, dtype = read(file)
    return shape, dtype


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """The very member whose header was looked at; np.load would take one of the same name without .npy instead."""
    with archive.open(f"{name}.npy") as file:
        return npy.read_array(file, allow_pickle=False)


def _check_labels(path: Path, shape: tuple[int, ...], dtype: np.dtype, n: int) -> None:
    if dtype.kind not in "iuU":
        raise InputError(f"{path} has labels that are neither whole numbers nor text; write them so")
    if shape != (n,):
        raise InputError(f"{path} has labels of shape {shape}; it needs one for each of its {n:,} images")
    if dtype.itemsize > LONGEST_BYTES:
        raise InputError(f"{path} has labels of {dtype.itemsize:,} bytes each; shorten the names or write numbers")


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
