"""What is trained on, as a training needs it: facts, batches, rows to look at, and what scores are taken against."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import torch
from torch import nn

from gansmith.core.progress import Progress
from gansmith.core.turns import Shown
from gansmith.data.batches import Batches, BatchSource
from gansmith.data.prepare import Prepared
from gansmith.engine.drawing import Painter, draw
from gansmith.metrics.score import final_score
from gansmith.networks import pretrained
from gansmith.networks.extractors import Extractor
from gansmith.recipes.choices import Facts
from gansmith.recipes.setup import Judge, batches_of, facts_of, frequencies, shown_of


class Material(ABC):
    """Opened data of one recipe.

    Attributes:
        name: short, for the run folder.
        sources: what the user gave, by the names of config.json: ``source``, and ``source_b`` where there are two.
        fingerprint: changes when the content, the settings or the splits do.
        report: JSON-able; what was found and what was done.
    """

    name: str
    sources: dict[str, str]
    fingerprint: str
    report: dict[str, Any]

    @abstractmethod
    def facts(self, labels: bool, images: int, **known: Any) -> Facts:
        """What the choices follow from."""

    @abstractmethod
    def batches(self, chosen: dict[str, Any], facts: Facts, device: torch.device, seed: int) -> BatchSource:
        """The training split, step by step."""

    @abstractmethod
    def painter(self, chosen: dict[str, Any], facts: Facts, seed: int) -> Painter:
        """What pictures on the way are drawn from."""

    @abstractmethod
    def shown(self, chosen: dict[str, Any], facts: Facts, painter: Painter, device: torch.device, seed: int) -> Shown:
        """The rows that the game is asked about all through a run."""

    @abstractmethod
    def judge(self, extractor: Extractor, seed: int, progress: Progress) -> Any | None:
        """What scores are taken against; None (said) where a split is too small. It has ``choose`` and ``floor``."""

    @abstractmethod
    def final(
        self, generator: Path, judge: Any, painter: Painter, device: torch.device, seed: int, progress: Progress
    ) -> dict[str, Any]:
        """The score at the end, of the kept generator against the test split."""

    @abstractmethod
    def keep(self, path: Path, generator: nn.Module, network: dict[str, Any], facts: Facts) -> None:
        """Write the generator with what is needed to rebuild it."""


class Pictures(Material):
    """One prepared set, which is drawn anew from noise."""

    def __init__(self, prepared: Prepared):
        self.prepared, self.name = prepared, prepared.name
        self.sources, self.fingerprint, self.report = {"source": prepared.source}, prepared.fingerprint, prepared.report

    def facts(self, labels: bool, images: int, **known: Any) -> Facts:
        return facts_of(self.prepared, labels, images, **known)

    def batches(self, chosen: dict[str, Any], facts: Facts, device: torch.device, seed: int) -> Batches:
        return batches_of(self.prepared, chosen, facts, device, seed)

    def painter(self, chosen: dict[str, Any], facts: Facts, seed: int) -> Painter:
        return Painter(chosen["latent"], frequencies(self.prepared, facts), seed)

    def shown(self, chosen: dict[str, Any], facts: Facts, painter: Painter, device: torch.device, seed: int) -> Shown:
        return shown_of(self.prepared, chosen, facts, painter, device, seed)

    def judge(self, extractor: Extractor, seed: int, progress: Progress) -> Judge | None:
        return Judge.of(extractor, self.prepared, seed, progress)

    def final(
        self, generator: Path, judge: Judge, painter: Painter, device: torch.device, seed: int, progress: Progress
    ) -> dict[str, Any]:
        best = pretrained.Generator.from_pretrained(generator, device).module
        pictures = draw(best, painter.latents(len(judge.floor), "final"))
        return final_score(judge.extractor, pictures, judge.test, judge.floor, seed=seed, progress=progress)

    def keep(self, path: Path, generator: nn.Module, network: dict[str, Any], facts: Facts) -> None:
        shares = frequencies(self.prepared, facts)
        description = network | {"classes": self.prepared.classes if shares else [], "frequencies": shares}
        pretrained.save_generator(path, generator, description)
