"""First weights that follow from the seed alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gansmith.core.seeds import derived_seed


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it, networks are made with weights drawn from the seed; torch's own random state is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "weights"))
        yield
