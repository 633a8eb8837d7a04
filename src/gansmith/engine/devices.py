"""Where training runs: device, precision, ranks, threads."""

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from gansmith.core.errors import InputError

PRECISIONS = ("fp32", "bf16")


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


def multiplies_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is what this device multiplies fastest: on CUDA where supported, on a CPU with AMX tiles."""
    if device.type == "cpu":
        capabilities = getattr(torch.cpu, "get_capabilities", dict)()  # older torch does not tell
        return bool(capabilities.get("amx_bf16"))
    return device.type == "cuda" and torch.cuda.is_bf16_supported()


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """Convolutions and products in bfloat16 where asked for; otherwise nothing is changed.

    On the CPU each use of a weight rounds it anew: what is kept between uses is kept for all threads, which then
    hang on one another.
    """
    if precision == "bf16":
        return torch.autocast(device.type, dtype=torch.bfloat16, cache_enabled=device.type != "cpu")
    return nullcontext()


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
