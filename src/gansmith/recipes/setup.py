"""From what the user asked for to facts, a measured pace, choices and fixed image counts."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.core.turns import Shown
from gansmith.data.batches import Batches
from gansmith.data.prepare import Prepared
from gansmith.engine.devices import multiplies_bf16
from gansmith.engine.drawing import Painter, draw
from gansmith.engine.marks import MOST_SCORES, grid_marks, probe_marks, score_count, score_marks
from gansmith.engine.observers.scoring import SCORED_IMAGES
from gansmith.engine.pace import Layout, choose_layout, layouts, threads_given_back
from gansmith.engine.trainer import Trainer
from gansmith.metrics.features import cached_features
from gansmith.metrics.score import LoopScore
from gansmith.networks.extractors import Extractor
from gansmith.objectives import PENALTIES
from gansmith.recipes.choices import Choice, Facts
from gansmith.recipes.recipe import Recipe, plan_of

DEFAULT_MINUTES = 10.0
FEWEST_TO_CHOOSE = 1000
MOST_SAMPLES = 10_000
LEAST_TRAINING_SHARE = 0.5
SCORING_SHARE = 0.05
PROBE_IMAGES = 200
SHOWN_IMAGES = 64
COMPARISON_SECONDS = 30.0
CLOSING_SECONDS = 2.0
LOG_ROWS = 200
IMAGES_A_SCORE = 30_000


@dataclass(frozen=True)
class Judge:
    """The extractor and the features of the real images that scores are measured against."""

    extractor: Extractor
    choose: LoopScore
    test: np.ndarray
    floor: np.ndarray

    @classmethod
    def of(cls, extractor: Extractor, prepared: Prepared, seed: int, progress: Progress) -> "Judge | None":
        """Read or compute the features; None (said) where a split is too small to be scored against."""
        train, choose, test = (prepared.splits[name] for name in ("train", "choose", "test"))
        if min(len(choose), len(test)) < 4:
            progress.message("Too few images to hold any out: going on without a score.")
            return None
        some = np.random.default_rng(seed).permutation(train)[:MOST_SAMPLES]
        features = [
            cached_features(extractor, prepared.images, np.sort(rows), prepared.folder, prepared.fingerprint, progress)
            for rows in (choose, test, some)
        ]
        kinds = None if prepared.labels is None else prepared.labels[np.sort(choose)]
        return cls(extractor, LoopScore(extractor, features[0], features[2], kinds), features[1], features[2])


def facts_of(prepared: Prepared, labels: bool, images: int, **known: Any) -> Facts:
    """What the choices follow from."""
    height, width, channels = prepared.images.shape[1:]
    classes = len(prepared.classes) if labels and prepared.labels is not None else 0
    return Facts(
        train_images=len(prepared.splits["train"]),
        resolution=(height, width),
        channels=channels,
        classes=classes,
        images=images,
        **known,
    )


def precision_for(asked: str | None, device: torch.device, penalty: str | None) -> Choice:
    """As asked for; else mixed precision where the device gains by it and it does no harm."""
    if asked:
        return Choice(asked, "asked for")
    if not multiplies_bf16(device):
        return Choice("fp32", "this device multiplies bf16 no faster")
    if penalty and PENALTIES.get(penalty).fine:
        return Choice("fp32", f"bf16 would round away what {penalty} measures")
    return Choice("bf16", "this device multiplies bf16 several times faster; weights and sums stay fp32")


def frequencies(prepared: Prepared, facts: Facts) -> list[float]:
    """Shares of the classes in the training split; empty without labels."""
    if not facts.classes or prepared.labels is None:
        return []
    counts = np.bincount(prepared.labels[prepared.splits["train"]], minlength=facts.classes)
    return (counts / counts.sum()).tolist()


def open_layouts(chosen: dict[str, Any], device: torch.device, threads: int | None, lanes: int | None) -> list[Layout]:
    """The layouts that a run may have; an accelerator has one.

    Raises: InputError: for lanes that do not part the batch, or beside an accelerator.
    """
    if device.type == "cpu":
        return layouts(threads, lanes, chosen["batch"], rows_together(chosen))
    if (lanes or 1) > 1:
        raise InputError(f"lanes share out processors, and here {device} does the work; leave --lanes out")
    return [Layout(threads or torch.get_num_threads())]


def rows_together(chosen: dict[str, Any]) -> int:
    """Rows of a step that are judged together, and so must not be parted."""
    return chosen.get("packing", 1) * max(1, chosen.get("group", 0))


def batches_of(prepared: Prepared, chosen: dict[str, Any], facts: Facts, device: torch.device, seed: int) -> Batches:
    """The training split, step by step."""
    return Batches(
        prepared.images,
        prepared.labels if facts.classes else None,
        prepared.splits["train"],
        batch=chosen["batch"],
        seed=seed,
        mirror=chosen["mirror"],
        device=device,
    )


def shown_of(
    prepared: Prepared, chosen: dict[str, Any], facts: Facts, painter: Painter, device: torch.device, seed: int
) -> Shown:
    """The rows that the game is asked about all through a run."""
    together = rows_together(chosen)
    splits = [prepared.splits[name] for name in ("train", "choose")]
    count = max(together, min(SHOWN_IMAGES, *(len(rows) for rows in splits)) // together * together)

    def some(rows: np.ndarray) -> tuple[Tensor, Tensor | None]:
        labels = prepared.labels if facts.classes else None
        return Batches(prepared.images, labels, rows, batch=count, seed=seed, device=device)(0)

    train = some(splits[0])
    held = some(splits[1]) if len(splits[1]) >= count else (None, None)
    latents = painter.latents(count, "probe")
    labels = None if latents.labels is None else latents.labels.to(device)
    return Shown(*train, *held, latents.z.to(device), labels)


@dataclass
class Pace:
    """How fast this machine trains and scores.

    Attributes:
        layout: of a run.
        images_per_second: of training.
        paces: images per second by layout, where several were tried.
        score_seconds: one score in the loop, its drawing included.
        final_seconds: the score at the end.
    """

    layout: Layout
    images_per_second: float
    paces: dict[Layout, float] = field(default_factory=dict)
    score_seconds: float = 0.0
    final_seconds: float = 0.0

    @classmethod
    def measure(
        cls,
        recipe: Recipe,
        material: Any,
        chosen: dict[str, Any],
        facts: Facts,
        device: torch.device,
        judge: Any | None,
        seed: int,
        threads: int | None = None,
        lanes: int | None = None,
    ) -> "Pace":
        """Measured now, in the fastest of the layouts that are open to threads and lanes.

        Nothing learns meanwhile: a step costs the same at any rate, and at none does it diverge.
        Raises: InputError: for lanes that do not part the batch.
        """
        seconds = 6.0 if (facts.minutes or 0) >= 2 else 2.0

        def fresh(layout: Layout) -> Trainer:
            game = recipe.build(chosen, facts, seed)
            batches = material.batches(chosen, facts, device, seed)
            at_rest = chosen | {"rate": [0.0, 0.0], "threads": layout.threads, "lanes": layout.lanes}
            return Trainer(game, batches, plan_of(at_rest, game, facts.images, seed), [], device)

        with threads_given_back():
            layout, paces = choose_layout(fresh, open_layouts(chosen, device, threads, lanes), seconds)
            pace = cls(layout, paces[layout], paces)
            if judge is not None:
                pace._measure_scores(fresh(layout), judge, material.painter(chosen, facts, 0))
        return pace

    def _measure_scores(self, trainer: Trainer, judge: Any, painter: Painter) -> None:
        generator, latents = painter.settled(trainer.average), painter.latents(PROBE_IMAGES, "pace")
        judge.choose(draw(generator, latents))  # the first one takes longer than those that follow
        began = time.perf_counter()
        judge.choose(draw(generator, latents))
        per_image = (time.perf_counter() - began) / latents.count
        share = len(judge.floor) / MOST_SAMPLES
        self.score_seconds = SCORED_IMAGES * per_image
        self.final_seconds = len(judge.floor) * per_image + COMPARISON_SECONDS * share**2


def images_for(minutes: float, spent_seconds: float, pace: Pace, batch: int) -> tuple[int, float]:
    """The images that fit into the budget after what is already spent, and the seconds they take.

    Scores in the loop take up to 5 % of it; the final score comes off beforehand, but never more than
    half of the whole.
    """
    whole = minutes * 60
    left = max(whole - spent_seconds - pace.final_seconds - CLOSING_SECONDS, LEAST_TRAINING_SHARE * whole)
    scoring = min(SCORING_SHARE * left, MOST_SCORES * pace.score_seconds)
    images = int((left - max(scoring, pace.score_seconds)) * pace.images_per_second)
    return max(batch, images // batch * batch), left


def scores_for(images: int) -> int:
    """How many scores a budget in images has: they hang on nothing else, so that equal requests choose among the
    same generators on every machine.
    """
    return max(1, min(MOST_SCORES, images // IMAGES_A_SCORE))


def schedule(
    images: int, batch: int, training_seconds: float | None, pace: Pace, scores: int | None = None
) -> dict[str, Any]:
    """The image counts at which things are due, as written to config.json.

    Args:
        training_seconds: None for a budget in images.
        scores: how many on the way, where that was asked for.
    """
    whole = -(-images // batch) * batch
    if scores is None:
        if training_seconds is None:
            scores = scores_for(whole)
        else:
            scores = score_count(training_seconds, pace.score_seconds, SCORING_SHARE)
    return {
        "score_marks": score_marks(whole, scores),
        "grid_marks": grid_marks(whole, pace.images_per_second),
        "probe_marks": probe_marks(whole, batch),
        "log_every_images": max(batch, whole // LOG_ROWS),
        "images_per_second": round(pace.images_per_second, 1),
    }
