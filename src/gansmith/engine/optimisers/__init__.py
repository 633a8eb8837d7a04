"""The optimisers: each file holds a function of its name, (weights, betas) -> optimiser with rate 1."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from gansmith.core.registry import Registry


@runtime_checkable
class Preparing(Protocol):
    """An optimiser whose step has work in it that several threads may share out beforehand."""

    def prepare(self, part: int, parts: int) -> None:
        """Do one of so many equal parts of it."""
        ...


OPTIMISERS = Registry("optimiser", __name__, Path(__file__).parent)
