"""What a training is asked for, and how it ended."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asks of a training; None leaves the choice to gansmith.

    Attributes:
        data: a folder, zip, IDX files, built-in name or hf:NAME.
        data_b: where one folder is translated into another, that other.
        strict_pairs: refuse pictures without a partner instead of setting them aside.
        recipe, preset: what is trained, and a named set of choices.
        out: the run folder, which must not exist.
        start: a run whose weights are taken as the beginning.
        minutes, images: the budget, one of them.
        size: "xs", "s", "m" or "l".
        resolution, alpha, background: how pictures are read.
        labels: whether the classes are learned where the data bring them.
        batch, rate, gamma, mirror: in place of what would be chosen.
        seed: every draw follows from it.
        threads, lanes, precision, device: how and where the work is done.
        pace: images per second of training, where it is known; measured when None.
        scores: how many scores on the way; by the budget when None.
        tensorboard, score: what is written beside the run's own files.
        final_score: whether the score at the end is taken too.
        guard: whether findings are acted on; None: unless a preset is named.
        overrides: any further choice by its name in config.json, in place of what would be chosen.
    """

    data: str
    data_b: str | None = None
    strict_pairs: bool = False
    recipe: str = "image"
    preset: str | None = None
    out: Path | None = None
    start: Path | None = None
    minutes: float | None = None
    images: int | None = None
    size: str | None = None
    resolution: str | None = None
    alpha: str | None = None
    background: str | None = None
    labels: bool = True
    batch: int | None = None
    rate: float | None = None
    gamma: float | None = None
    mirror: bool | None = None
    seed: int = 0
    threads: int | None = None
    lanes: int | None = None
    precision: str | None = None
    device: str = "auto"
    pace: float | None = None
    scores: int | None = None
    tensorboard: bool = False
    score: bool = True
    final_score: bool = True
    guard: bool | None = None
    overrides: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """How a training ended.

    Attributes:
        run: the run folder.
        images_seen: real images shown.
        seconds: of training, scores in the loop included.
        score: the final score, {} without one.
        findings: of the diagnosis.
    """

    run: Path
    images_seen: int
    seconds: float
    score: dict[str, Any] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
