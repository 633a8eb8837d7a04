"""Checkpoints that are whole or absent: safetensors plus JSON, never a pickle."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from gansmith.core.errors import InputError, WorkError

KEEP = 2
_TENSORS, _NUMBERS = "state.safetensors", "state.json"


def save(folder: Path, tensors: dict[str, torch.Tensor], numbers: dict[str, Any], keep: int = KEEP) -> Path:
    """Write ``folder/step-NNN`` in one rename and drop all but the last ``keep`` up to it.

    Later ones were passed over when this run went on, and are dropped too.

    Args:
        folder: the run's checkpoints.
        tensors: by name, on any device.
        numbers: JSON-able, with ``step``.
    Raises: WorkError: when the disk is full; the checkpoints before stay.
    Check: killed at any moment, the folder holds whole checkpoints only.
    """
    path = folder / f"step-{numbers['step']:09d}"
    partial = folder / f".{path.name}.partial"
    for begun in folder.glob(".step-*.partial"):  # by a process that was killed
        shutil.rmtree(begun, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        save_file({k: v.detach().contiguous().cpu() for k, v in tensors.items()}, partial / _TENSORS)
        numbers = numbers | {"sha256": hashlib.sha256((partial / _TENSORS).read_bytes()).hexdigest()}
        (partial / _NUMBERS).write_text(json.dumps(numbers, indent=1), encoding="utf-8")
        for name in (_TENSORS, _NUMBERS):
            with open(partial / name, "rb") as handle:
                os.fsync(handle.fileno())
        _put(partial, path, numbers["sha256"])
    except (OSError, SafetensorError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise WorkError(f"cannot write the checkpoint {path} ({error}); free some space, then resume") from error
    kept = [each for each in _all(folder) if each.name <= path.name][-keep:]
    for other in _all(folder):
        if other not in kept:
            shutil.rmtree(other, ignore_errors=True)
    return path


def any_in(folder: Path) -> bool:
    """Whether a checkpoint was ever completed there, usable or not."""
    return bool(_all(folder))


def take_latest(folder: Path, take: Callable[[dict[str, torch.Tensor], dict[str, Any]], None]) -> list[str]:
    """Hand the newest usable checkpoint to ``take``; the names of newer ones that were passed over.

    A checkpoint that is torn, altered or of another game is passed over for the one before it.

    Args:
        folder: the run's checkpoints.
        take: called with tensors and numbers; may raise to refuse them.
    Raises: InputError: when none is usable.
    """
    refused = []
    for path in reversed(_all(folder)):
        try:
            take(*_read(path))
            return refused
        except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RuntimeError, SafetensorError) as error:
            refused.append(f"{path.name} ({str(error).splitlines()[0] if str(error) else type(error).__name__})")
    reason = f"none of them is usable: {'; '.join(refused)}" if refused else "there is none"
    raise InputError(f"cannot take up a checkpoint of {folder.parent}: {reason}; train again with another --out")


def _all(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*"))


def _put(partial: Path, path: Path, checksum: str) -> None:
    """Rename; where the same tensors lie there already, only the numbers, so that no moment is without them."""
    tensors = path / _TENSORS
    if tensors.is_file() and hashlib.sha256(tensors.read_bytes()).hexdigest() == checksum:
        os.replace(partial / _NUMBERS, path / _NUMBERS)
        shutil.rmtree(partial)
        return
    shutil.rmtree(path, ignore_errors=True)
    os.replace(partial, path)


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    numbers = json.loads((path / _NUMBERS).read_text(encoding="utf-8"))
    content = (path / _TENSORS).read_bytes()
    if not isinstance(numbers, dict) or hashlib.sha256(content).hexdigest() != numbers.get("sha256"):
        raise ValueError("the checksum does not match")
    return load(content), numbers
