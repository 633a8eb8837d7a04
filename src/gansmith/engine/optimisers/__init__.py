"""The optimisers: each file holds a function of its name, (weights, betas) -> optimiser with rate 1."""

from pathlib import Path

from gansmith.core.registry import Registry

OPTIMISERS = Registry("optimiser", __name__, Path(__file__).parent)
