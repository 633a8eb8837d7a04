"""Train and resume: data and a request in, a run folder out."""

import datetime
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

import gansmith
from gansmith.core.errors import InputError, Interrupted, WorkError
from gansmith.core.files import append_jsonl, read_jsonl, write_json
from gansmith.core.progress import Progress
from gansmith.core.runfolder import FORMAT, RunFolder, next_run_folder
from gansmith.data.prepare import Prepared, prepare
from gansmith.diagnostics import nan
from gansmith.engine import checkpoints
from gansmith.engine.devices import pick_device
from gansmith.engine.drawing import Painter, draw
from gansmith.engine.interrupt import stops_politely
from gansmith.engine.observers.display import Display
from gansmith.engine.observers.grids import Grids
from gansmith.engine.observers.log import Log
from gansmith.engine.observers.saver import Saver
from gansmith.engine.observers.scoring import Scoring
from gansmith.engine.trainer import NonFinite, Trainer
from gansmith.metrics.score import final_score
from gansmith.networks import pretrained
from gansmith.networks.extractors import available
from gansmith.recipes import PRESETS, RECIPES, image, starting
from gansmith.recipes.choices import Choice, Facts, from_json, overridden, to_json, values
from gansmith.recipes.setup import (
    DEFAULT_MINUTES,
    FEWEST_TO_CHOOSE,
    Judge,
    Pace,
    batches_of,
    facts_of,
    frequencies,
    images_for,
    schedule,
)
from gansmith.report.card import write_card
from gansmith.report.page import write_report

GRID_IMAGES = 64


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asks of a training; None leaves the choice to gansmith.

    Attributes:
        data: a folder, zip, IDX files, built-in name or hf:NAME.
        recipe, preset: what is trained, and a named set of choices.
        out: the run folder, which must not exist.
        start: a run whose weights are taken as the beginning.
        minutes, images: the budget, one of them.
        size: "xs", "s", "m" or "l".
        resolution, alpha, background: how pictures are read.
        labels: whether the classes are learned where the data bring them.
        batch, rate, gamma, mirror: in place of what would be chosen.
        seed: every draw follows from it.
        threads, device: where the work is done.
        tensorboard, score: what is written beside the run's own files.
        final_score: whether the score at the end is taken too.
        overrides: any further choice by its name in config.json, in place of what would be chosen.
    """

    data: str
    data_b: str | None = None
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
    device: str = "auto"
    tensorboard: bool = False
    score: bool = True
    final_score: bool = True
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


def train(request: Request | str, *, progress: Progress | None = None, **options: Any) -> Result:
    """Train a generator; ``train("folder", minutes=5)`` is short for ``train(Request(...))``.

    Raises:
        InputError: for wrong input, before anything is written.
        WorkError: a full disk or NaN; the last good state is kept.
        Interrupted: after Ctrl-C; the state is saved.
    """
    request = Request(data=str(request), **options) if not isinstance(request, Request) else request
    progress = progress or Progress()
    _refuse(request)
    start = starting.read(request.start) if request.start else None
    prepared = prepare(
        request.data,
        resolution=request.resolution or (start.resolution if start else None),
        alpha=request.alpha or "composite",
        background=request.background or "white",
        progress=progress,
    )
    device = pick_device(request.device)
    judge = _judge(request.score, prepared, request.seed, progress)
    began = time.perf_counter()
    config = _configure(request, prepared, judge, device, start, began, progress)
    run = RunFolder(Path(request.out) if request.out else next_run_folder(prepared.name, request.preset or request.recipe))
    _refuse_existing(run.path)
    write_json(run.config, config)
    return _Session(run, config, prepared, judge, device, progress).play(start)


def resume(run: Path | str, data: str | None = None, *, progress: Progress | None = None) -> Result:
    """Go on with a run exactly where its last whole checkpoint left it.

    Args:
        run: the run folder.
        data: where the data are now, if they have moved; their content must be the same.
    Raises: InputError: other data, no whole checkpoint, not a run folder.
    """
    progress = progress or Progress()
    folder = RunFolder(Path(run))
    config = folder.read_config()
    prepared = prepare(data or config["source"], **config["reading"], progress=progress)
    if prepared.fingerprint != config["fingerprint"]:
        raise InputError(
            f"{folder.path} was trained on other data (or they have changed): resume with the same images, "
            f"or start anew with: gansmith train {prepared.source} --from {folder.path}"
        )
    device = pick_device(config["choices"]["device"]["value"])
    judge = _judge(config["choices"]["score"]["value"], prepared, config["choices"]["seed"]["value"], progress)
    return _Session(folder, config, prepared, judge, device, progress).play_on()


def _refuse(request: Request) -> None:
    if request.recipe not in RECIPES:
        raise InputError(f"no recipe is named {request.recipe!r}; there are: {', '.join(RECIPES)}")
    if request.data_b is not None:
        raise InputError(f"the recipe {request.recipe!r} takes one folder of images, not two; leave {request.data_b} out")
    if request.preset:
        PRESETS.get(request.preset)
    if request.minutes is not None and request.images is not None:
        raise InputError("give the budget as --minutes or as --images, not both")
    for name in ("minutes", "images", "batch", "rate", "threads"):
        value = getattr(request, name)
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise InputError(f"--{name} must be above 0, not {value}")
    if request.out:
        _refuse_existing(Path(request.out))


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise InputError(f"{path} exists; go on with it by --resume {path}, or choose another --out")


def _judge(wanted: bool, prepared: Prepared, seed: int, progress: Progress) -> Judge | None:
    extractor = available(progress=progress) if wanted else None
    return Judge.of(extractor, prepared, seed, progress) if extractor else None


def _configure(
    request: Request,
    prepared: Prepared,
    judge: Judge | None,
    device: torch.device,
    start: starting.Start | None,
    began: float,
    progress: Progress,
) -> dict[str, Any]:
    """Choose everything, measure the pace, fix the budget: the content of config.json."""
    minutes = request.minutes if request.images is None else None
    minutes = DEFAULT_MINUTES if minutes is None and request.images is None else minutes
    gamma = None if request.gamma is None else [request.gamma, request.gamma / 10]
    rate = None if request.rate is None else [request.rate, request.rate * 0.03]
    asked = {"batch": request.batch, "rate": rate, "gamma": gamma, "mirror": request.mirror} | request.overrides

    def choices_for(images: int) -> tuple[Facts, dict[str, Choice]]:
        known = {"minutes": minutes, "accelerated": device.type != "cpu", "size": request.size}
        facts = facts_of(prepared, request.labels, images, **known)
        chosen = image.choose(facts, request.preset)
        return facts, overridden(chosen | (start.choices if start else {}), asked)

    facts, choices = choices_for(request.images or 1)
    if choices["batch"].value > facts.train_images:
        raise InputError(f"--batch {choices['batch'].value} is more than the {facts.train_images} training images; make it smaller")
    progress.message("Measuring the pace of this machine.")
    pace = Pace(prepared, values(choices), facts, device, judge, request.seed, request.threads)
    batch = choices["batch"].value
    if minutes is None:
        images = request.images or batch
        training_seconds = images / pace.images_per_second
        why = "asked for"
    else:
        images, training_seconds = images_for(minutes, time.perf_counter() - began, pace, batch)
        why = f"{minutes:g} minutes at {pace.images_per_second:,.0f} images/s, scores included"
    facts, choices = choices_for(images)
    threads = "asked for" if request.threads else "measured: " + ", ".join(
        f"{count} gives {speed:,.0f} images/s" for count, speed in pace.paces.items()
    )
    choices |= {
        "images": Choice(images, why),
        "labels": Choice(bool(facts.classes), f"{facts.classes} classes" if facts.classes else "no labels are used"),
        "seed": Choice(request.seed, "every draw follows from it"),
        "device": Choice(str(device), "asked for" if request.device != "auto" else "the best that is here"),
        "precision": Choice("bf16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "fp32", "mixed precision on CUDA only"),
        "threads": Choice(pace.threads, threads),
        "score": Choice(judge is not None, "FD-lite0 and precision/recall" if judge else "no extractor, or not asked for"),
        "final_score": Choice(judge is not None and request.final_score, "against the test split" if request.final_score else "asked for"),
        "tensorboard": Choice(request.tensorboard, "asked for" if request.tensorboard else "not asked for"),
    }
    return {
        "format": FORMAT,
        "gansmith": gansmith.__version__,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "recipe": request.recipe,
        "preset": request.preset,
        "source": str(Path(request.data).resolve()) if Path(request.data).exists() else request.data,
        "reading": {
            "resolution": f"{facts.resolution[1]}x{facts.resolution[0]}",
            "alpha": request.alpha or "composite",
            "background": request.background or "white",
        },
        "fingerprint": prepared.fingerprint,
        "choices": to_json(choices),
        "schedule": schedule(images, batch, training_seconds, pace),
        "network": {"family": choices["network"].value, "arguments": image.generator_arguments(values(choices), facts)},
        "started_from": str(request.start) if request.start else None,
        "data": prepared.report,
    }


class _Session:
    """One process's part of a run: wires the trainer and its observers, plays, and closes the run."""

    def __init__(
        self,
        run: RunFolder,
        config: dict[str, Any],
        prepared: Prepared,
        judge: Judge | None,
        device: torch.device,
        progress: Progress,
    ):
        self.run, self.config, self.prepared, self.judge, self.progress = run, config, prepared, judge, progress
        chosen = values(from_json(config["choices"]))
        self.seed, self.device = chosen["seed"], device
        torch.set_num_threads(chosen["threads"])
        facts = facts_of(prepared, chosen["labels"], chosen["images"])
        self.frequencies = frequencies(prepared, facts)
        game = image.build(chosen, facts, self.seed)
        self.painter = Painter(chosen["latent"], self.frequencies, self.seed)
        batches = batches_of(prepared, chosen, facts, device, self.seed)
        self.trainer = Trainer(game, batches, image.plan(chosen, chosen["images"], self.seed), [], device)
        self._observe(chosen, facts)

    def _observe(self, chosen: dict[str, Any], facts: Facts) -> None:
        marks = self.config["schedule"]
        self.log = Log(self.run.metrics, marks["log_every_images"], _tensorboard(self.run) if chosen["tensorboard"] else None)
        self.scoring = Scoring(
            marks["score_marks"],
            self.judge.choose if self.judge else None,
            self.painter,
            self._keep,
            self.log,
            choose=facts.train_images >= FEWEST_TO_CHOOSE,
        )
        self.saver = Saver(self.run.checkpoints, {"log": self.log, "scoring": self.scoring})
        grids = Grids(self.run.samples, marks["grid_marks"], GRID_IMAGES, self.painter, self.log)
        display = Display(self.progress, self.scoring)
        self.trainer.observers = [self.log, grids, self.scoring, display, self.saver]

    def play(self, start: starting.Start | None) -> Result:
        """From the first step, or from another run's weights."""
        if start is not None:
            start.into(self.trainer)
        return self._play()

    def play_on(self) -> Result:
        """From the last whole checkpoint; from the first step if there was none yet."""
        if not self.run.checkpoints.exists() or not any(self.run.checkpoints.iterdir()):
            self.run.metrics.unlink(missing_ok=True)
            self.progress.message("No checkpoint was written yet: beginning again from the first step.")
            return self.play(starting.read(Path(self.config["started_from"])) if self.config["started_from"] else None)
        torn = checkpoints.take_latest(self.run.checkpoints, self._take)
        for name in torn:
            self.progress.message(f"The checkpoint {name} is not whole; going on from the one before it.")
        return self._play()

    def _take(self, tensors: dict[str, torch.Tensor], numbers: dict[str, Any]) -> None:
        self.trainer.load_state(tensors, numbers)
        for name, observer in self.saver.stateful.items():
            observer.load_state(numbers["observers"][name])

    def _play(self) -> Result:
        try:
            with stops_politely(self.trainer):
                finished = self.trainer.run()
        except NonFinite as error:
            raise self._explained(error) from error
        if not finished:
            self.log.write("event", self.trainer.images_seen, what="interrupted", detail="saved")
            self._write_pages()
            raise Interrupted(f"saved; go on with: gansmith train --resume {self.run.path}")
        score = self._final()
        self._write_pages()
        return Result(
            self.run.path, self.trainer.images_seen, self.log.seconds, score, list(read_jsonl(self.run.diagnosis))
        )

    def _keep(self, generator: torch.nn.Module) -> None:
        description = self.config["network"] | {
            "classes": self.prepared.classes if self.frequencies else [],
            "frequencies": self.frequencies,
        }
        pretrained.save_generator(self.run.generator, generator, description)

    def _final(self) -> dict[str, Any]:
        done = self.run.rows("final")
        if done or self.judge is None or not self.config["choices"]["final_score"]["value"]:
            return {k: v for k, v in done[-1].items() if k not in ("kind", "images", "seconds")} if done else {}
        best = pretrained.Generator.from_pretrained(self.run.generator, self.device).module
        pictures = draw(best, self.painter.latents(len(self.judge.floor), "final"))
        score = final_score(
            self.judge.extractor, pictures, self.judge.test, self.judge.floor, seed=self.seed, progress=self.progress
        )
        self.log.write("final", self.trainer.images_seen, **score)
        return score

    def _write_pages(self) -> None:
        for write in (write_report, write_card):
            write(self.run.path)

    def _explained(self, error: NonFinite) -> WorkError:
        trainer = self.trainer
        where = nan.where_it_began(trainer.game, trainer.begin_step())
        append_jsonl(self.run.diagnosis, nan.finding(error.player, error.images_seen, where))
        self._write_pages()
        rate = self.config["choices"]["rate"]["value"][0]
        source = self.config["source"]
        return WorkError(
            f"{error}; it began in {where}. The last good state is in {self.run.checkpoints}. "
            f"Go on from it with a smaller rate: gansmith train {source} --from {self.run.path} --rate {rate / 3:.2g}"
        )


def _tensorboard(run: RunFolder) -> Callable[[dict[str, Any]], None]:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError("--tensorboard needs an extra: pip install 'gansmith[tensorboard]'") from error
    writer = SummaryWriter(run.path / "tensorboard")

    def write(row: dict[str, Any]) -> None:
        for name, value in row.items():
            if isinstance(value, (int, float)) and name != "images":
                writer.add_scalar(f"{row['kind']}/{name}", value, row["images"])

    return write
