"""The run folder: the contract between training and everything that comes after it."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.files import read_json, read_jsonl

FORMAT = 1


def same_again(config: dict[str, Any]) -> str:
    """What to type after ``gansmith train`` to train the same kind of thing on the same data."""
    said = " ".join(shlex.quote(str(config[side])) for side in ("source", "source_b") if config.get(side)) or "DATA"
    recipe = config.get("recipe") or "image"
    return said if recipe == "image" else f"{said} --recipe {recipe}"


@dataclass(frozen=True)
class RunFolder:
    """Names the files of one run. Everything downstream reads these, never a live trainer."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "config.json"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def diagnosis(self) -> Path:
        return self.path / "diagnosis.jsonl"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def generator(self) -> Path:
        return self.path / "generator.safetensors"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def card(self) -> Path:
        return self.path / "README.md"

    def read_config(self) -> dict[str, Any]:
        """The run's config.

        Raises: InputError: no run there, or one written by a newer gansmith.
        """
        if not self.config.is_file():
            raise InputError(f"{self.path} is not a run folder (no config.json); name the folder that train printed")
        try:
            config = read_json(self.config)
        except ValueError as error:
            raise InputError(f"{self.config} is not readable JSON ({error}); restore it or train again") from error
        if not isinstance(config, dict) or config.get("format", 0) > FORMAT:
            raise InputError(f"{self.config} was written by a newer gansmith; upgrade with: pip install -U gansmith")
        return config

    def rows(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The rows of metrics.jsonl, all or of one kind."""
        return [row for row in read_jsonl(self.metrics) if kind in (None, row.get("kind"))]


def next_run_folder(data_name: str, recipe: str, root: Path = Path("runs")) -> Path:
    """``runs/DATA-RECIPE-NNN``, the first number not taken."""
    number = 1
    while (path := root / f"{data_name}-{recipe}-{number:03d}").exists():
        number += 1
    return path
