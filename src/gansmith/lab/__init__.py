"""Two-player games in one and two dimensions: what theory says beside what is measured."""

from pathlib import Path

from gansmith.core.registry import Registry

EXPERIMENTS = Registry("experiment", "gansmith.lab.experiments", Path(__file__).parent / "experiments")
