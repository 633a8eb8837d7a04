"""The log's rows as TensorBoard scalars."""

import importlib.util
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError


class TensorBoard:
    """Called with each row of the log; opens its folder at the first.

    Raises: InputError: when the extra is not installed.
    """

    def __init__(self, folder: Path):
        if importlib.util.find_spec("tensorboard") is None:
            raise InputError("--tensorboard needs an extra; pip install 'gansmith[tensorboard]' brings it")
        self.folder = folder
        self._writer: Any = None

    def __call__(self, row: dict[str, Any]) -> None:
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(self.folder))
        for name, value in row.items():
            if isinstance(value, (int, float)) and name != "images":
                self._writer.add_scalar(f"{row['kind']}/{name}", value, row["images"])
