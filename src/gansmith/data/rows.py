"""A .npy file of pictures that grows row by row and knows its length only at the end."""

from pathlib import Path
from types import TracebackType

import numpy as np

COPY_ROWS = 1024


class RowFile:
    """Write (n, H, W, C) uint8 without holding it; numpy leaves room in the header for n to grow.

    Check: the file is what numpy.save would have written.
    """

    def __init__(self, path: Path, shape: tuple[int, int, int]):
        self.path, self.shape, self.count = path, shape, 0
        self.handle = open(path, "wb")  # noqa: SIM115 (closed by __exit__)
        self._header()

    def __enter__(self) -> "RowFile":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.handle.seek(0)
            self._header()
        self.handle.close()

    def append(self, rows: np.ndarray) -> None:
        """Add one (H, W, C) row or some (k, H, W, C)."""
        assert rows.shape[-3:] == self.shape and rows.dtype == np.uint8, (rows.shape, rows.dtype)
        self.handle.write(np.ascontiguousarray(rows).data)
        self.count += rows.size // int(np.prod(self.shape))

    def _header(self) -> None:
        fields = {"descr": "|u1", "fortran_order": False, "shape": (self.count, *self.shape)}
        np.lib.format.write_array_header_1_0(self.handle, fields)


def keep_first_channel(path: Path) -> None:
    """Rewrite a file of grey RGB pictures with one channel."""
    full = np.load(path, mmap_mode="r")
    narrow = path.with_suffix(".narrow")
    with RowFile(narrow, (*full.shape[1:3], 1)) as rows:
        for start in range(0, len(full), COPY_ROWS):
            rows.append(full[start : start + COPY_ROWS, ..., :1])
    del full
    narrow.replace(path)
