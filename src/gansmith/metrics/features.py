"""Features of data that do not change, computed once and kept in the data's cache folder."""

import hashlib
import re
from pathlib import Path

import numpy as np

from gansmith.core.files import write_atomically
from gansmith.core.progress import Progress
from gansmith.networks.extractors import Extractor

AT_ONCE = 500


def features_of_rows(
    extractor: Extractor, images: np.ndarray, rows: np.ndarray, progress: Progress | None = None
) -> np.ndarray:
    """(len(rows), dimensions) float32 of the given rows of (N, H, W, C) uint8, which may be memory-mapped."""
    out = np.empty((len(rows), extractor.dimensions), np.float32)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        out[start : start + len(some)] = extractor.features(images[some])
        if progress is not None:
            progress.advance(start + len(some))
    return out


def cached_features(
    extractor: Extractor,
    images: np.ndarray,
    rows: np.ndarray,
    folder: Path,
    key: str,
    progress: Progress | None = None,
) -> np.ndarray:
    """``features_of_rows``, read from ``folder`` when they are there, else computed and written whole.

    Nothing is kept of an extractor that says ``cached = False``.

    Args:
        extractor: whose features.
        images: (N, H, W, C) uint8.
        rows: (n,) integers, which images and in which order.
        folder: the prepared data's cache folder.
        key: the fingerprint of the prepared images; other data must have another key.
        progress: told of the images done.
    Returns: (n, dimensions) float32.
    Check: the second call gives the same numbers without calling the extractor; a torn file is made anew.
    Raises: WorkError: when the disk is full.
    """
    path = folder / _file_name(extractor, rows, key)
    cached = getattr(extractor, "cached", True)
    kept = _read(path, (len(rows), extractor.dimensions)) if cached else None
    if kept is not None:
        return kept
    progress = progress or Progress()
    progress.start(f"Features of {len(rows):,} real images ({extractor.name})", len(rows))
    try:
        made = features_of_rows(extractor, images, rows, progress)
    finally:
        progress.finish()
    if cached:
        write_atomically(path, lambda temporary: _write(temporary, made))
    return made


def _file_name(extractor: Extractor, rows: np.ndarray, key: str) -> str:
    parts = (key, extractor.checksum, extractor.resize, np.ascontiguousarray(rows, np.int64).tobytes())
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else f"{part}\0".encode())
    return f"features-{re.sub(r'[^A-Za-z0-9.@_-]', '-', extractor.name)}-{digest.hexdigest()[:20]}.npy"


def _write(path: Path, features: np.ndarray) -> None:
    with open(path, "wb") as handle:
        np.save(handle, features)


def _read(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    try:
        kept = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return kept if kept.shape == shape and kept.dtype == np.float32 else None
