"""Where training runs: device, precision, ranks, threads."""

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from gansmith.core.errors import InputError


def pick_device(name: str = "auto") -> torch.device:
    """The device by name; ``auto`` is CUDA, else MPS, else the CPU.

    Raises: InputError: when the named device is not there.
    """
    if name == "auto":
        if torch.cuda.is_available():
            from accelerate import PartialState

            return PartialState().device or torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"device {name!r} is not available here; leave --device out to use what is") from error
    return device


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """bfloat16 where asked for on CUDA; otherwise nothing is changed."""
    if device.type == "cuda" and precision == "bf16":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
