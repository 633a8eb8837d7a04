"""Which weights were judged: a run that was trained on is another contender."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np


def hash_of_weights(tensors: Mapping[str, np.ndarray]) -> str:
    """Of all names and values. Check: a generator in memory and its safetensors file have the same."""
    digest = hashlib.blake2b(digest_size=16)
    for name, values in sorted(tensors.items()):
        digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def hash_of_run(run: Path) -> str | None:
    """Of the generator in a run folder, read without torch; None where there is none, or none that can be read."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return hash_of_weights(load_file(run / "generator.safetensors"))
    except (OSError, SafetensorError):
        return None
