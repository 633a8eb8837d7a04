"""What the doctor is built on, and what it has never seen: pictures and points, each a small training that is healthy.

Three grounds to build on (``ring``, ``fashion``, ``avatars``), three that no threshold is set on (``grid``, ``mnist``,
``photographs``). A training on pictures is gansmith's own, short; one on points is the same game with small networks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

HERE = Path(__file__).parent
DATA = HERE / "runs" / "doctor-data"
SCORES, CROP = 8, 64
PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")


@dataclass(frozen=True)
class Ground:
    """One set of data and its budget.

    Attributes:
        name: of it.
        images: the budget, some minute or two of one thread; of points 20 seconds.
        data: what ``gansmith train`` is given; None for points.
        resolution: pictures are made so large.
        colour, labelled: what there is to go wrong.
        points: (count, seed) -> (count, 2) points and their modes.
        unseen: whether it is kept for the final scoring.
    """

    name: str
    images: int
    data: Callable[[], str] | None = None
    resolution: str | None = None
    colour: bool = False
    labelled: bool = False
    points: Callable[[int, int], tuple[Tensor, Tensor]] | None = None
    unseen: bool = False

    @property
    def plane(self) -> bool:
        """Whether it is of points."""
        return self.points is not None


def ring(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Eight Gaussians on a circle."""
    angles = torch.arange(8) * (2 * torch.pi / 8)
    return _gaussians(2 * torch.stack([angles.cos(), angles.sin()], 1), 0.1, count, seed)


def grid(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Nine Gaussians on a grid that is wider than high, off the middle."""
    centres = torch.cartesian_prod(torch.arange(3) * 1.2 - 0.6, torch.arange(3) * 0.9 - 1.4)
    return _gaussians(centres, 0.08, count, seed)


def _gaussians(centres: Tensor, sigma: float, count: int, seed: int) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    modes = torch.randint(len(centres), (count,), generator=draw)
    return centres[modes] + sigma * torch.randn(count, 2, generator=draw), modes


def photographs() -> str:
    """10,000 crops out of four photographs that scikit-image brings along, as a folder, made once."""
    from PIL import Image
    from skimage import data

    place = DATA / "photographs"
    if not place.exists():
        begun = place.with_name(".photographs")
        begun.mkdir(parents=True, exist_ok=True)
        draw = np.random.default_rng(0)
        for name in PHOTOGRAPHS:
            whole = getattr(data, name)()
            (begun / name).mkdir(exist_ok=True)
            for number in range(2500):
                top, left = (int(draw.integers(0, side - CROP)) for side in whole.shape[:2])
                crop = whole[top : top + CROP, left : left + CROP]
                Image.fromarray(crop).save(begun / name / f"{number:04d}.png")
        begun.rename(place)
    return str(place)


GROUNDS = {
    ground.name: ground
    for ground in (
        Ground("ring", 800_000, points=ring),
        Ground("fashion", 50_000, lambda: "fashion-mnist", labelled=True),
        Ground("avatars", 50_000, lambda: "avatars", "32", colour=True, labelled=True),
        Ground("grid", 800_000, points=grid, unseen=True),
        Ground("mnist", 50_000, lambda: "mnist", labelled=True, unseen=True),
        Ground("photographs", 50_000, photographs, "32", colour=True, labelled=True, unseen=True),
    )
}

PLANE_CHOICES: dict[str, Any] = {
    "objective": "relativistic-pairing",
    "penalty": "r1-r2",
    "penalty_every": 1,
    "gamma": [0.1, 0.01],
    "generator_penalty": None,
    "generator_gamma": 0.0,
    "network": "points",
    "generator_width": 128,
    "critic_width": 128,
    "constraint": None,
    "critic_conditioning": "projection",
    "latent": 4,
    "group": 0,
    "packing": 1,
    "critic_steps": 1,
    "first": "critic",
    "batch": 256,
    "rate": [2e-3, 6e-5],
    "betas": [0.0, 0.9],
    "ema_halflife_images": 30_000,
    "augment": 0.0,
}
TRAINING_POINTS, HELD_POINTS, SHOWN_POINTS = 4000, 1000, 256


class PointsScore:
    """Beside the loop's score, of which the points themselves are the features."""

    name, dimensions, checksum, resize, family = "points", 2, "", "none", "points"

    def features(self, points: np.ndarray, progress: Any = None) -> np.ndarray:
        """The points."""
        return points


class PointBatches:
    """Shuffled draws from the training points, by step."""

    def __init__(self, points: Tensor, batch: int, seed: int):
        self.points, self.batch, self.seed, self.waited_seconds = points, batch, seed, 0.0

    def __call__(self, step: int) -> tuple[Tensor, Tensor | None]:
        """(batch, 2) and no labels."""
        from gansmith.core import randomness

        return self.points[randomness.integers(len(self.points), self.batch, self.seed, "real", step)], None


class PlaneSession:
    """A training on points that writes the rows which one on pictures writes."""

    def __init__(self, ground: Ground, chosen: dict[str, Any], rows: int | None, out: Path, seed: int):
        from gansmith.core.seeds import derived_seed
        from gansmith.core.turns import Shown
        from gansmith.engine.marks import probe_marks, score_marks
        from gansmith.engine.observers.log import Log
        from gansmith.engine.observers.probing import Probing
        from gansmith.engine.trainer import Trainer
        from gansmith.games.adversarial import Adversarial
        from gansmith.networks.points import PointCritic, PointGenerator
        from gansmith.recipes.kinds.image import rules_of
        from gansmith.recipes.recipe import plan_of

        assert ground.points is not None
        self.points_of, self.modes_of = ground.points(TRAINING_POINTS, 1)
        self.latent = chosen["latent"]
        held, held_modes = ground.points(HELD_POINTS, 2)
        self.points = self.points_of[:rows]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derived_seed(seed, "weights"))
            generator = PointGenerator(2, latent=chosen["latent"], width=chosen["generator_width"])
            critic = PointCritic(2, width=chosen["critic_width"])
        game = Adversarial(generator, critic, rules_of(chosen, critic))
        plan, images = plan_of(chosen, game, ground.images, seed), ground.images
        batches = PointBatches(self.points, chosen["batch"], seed)
        self.trainer = Trainer(game, batches, plan, [], torch.device("cpu"))
        out.mkdir(parents=True, exist_ok=True)
        (out / "metrics.jsonl").unlink(missing_ok=True)
        log = Log(out / "metrics.jsonl", max(chosen["batch"], images // 200))
        z = torch.randn(SHOWN_POINTS, chosen["latent"], generator=torch.Generator().manual_seed(seed))
        shown = Shown(self.points[:SHOWN_POINTS], None, held[:SHOWN_POINTS], None, z[: len(self.points)], None)
        if len(self.points) < SHOWN_POINTS:
            shown = Shown(self.points, None, held[: len(self.points)], None, z[: len(self.points)], None)
        self.kinds = self.modes_of[: len(self.points)].numpy()
        self.trainer.observers = [
            log,
            Probing(probe_marks(images, chosen["batch"]), shown, log),
            PointScoring(score_marks(images, SCORES), held, held_modes, self.points, chosen["latent"], log),
        ]
        self.log = log

    def play(self) -> None:
        """To the end, or to the first value that is not finite."""
        self.trainer.run()

    @torch.no_grad()
    def harm(self) -> dict[str, float]:
        """Modes with ten of 5,000 drawn points within three sigma, and the share of such points."""
        z = torch.randn(5000, self.latent, generator=torch.Generator().manual_seed(12))
        points = self.trainer.average.module.eval()(z, None)
        centres = torch.stack([self.points_of[self.modes_of == mode].mean(0) for mode in self.modes_of.unique()])
        sigma = (self.points_of - centres[self.modes_of]).std()
        apart, nearest = torch.cdist(points, centres).min(1)
        close = apart <= 3 * sigma
        counts = torch.bincount(nearest[close], minlength=len(centres))
        return {"modes": int((counts >= 10).sum()), "within": round(float(close.float().mean()), 4)}


class PointScoring:
    """Rows ``score`` of the averaged generator's points."""

    def __init__(self, marks: list[int], held: Tensor, modes: Tensor, training: Tensor, latent: int, log: Any):
        from gansmith.metrics.score import LoopScore

        self.marks, self.log, self.best = marks, log, None
        self.score = LoopScore(PointsScore(), held.numpy(), training.numpy(), modes.numpy())
        self.z = torch.randn(HELD_POINTS, latent, generator=torch.Generator().manual_seed(11))

    def on_start(self, trainer: Any) -> None:
        """Nothing is due yet."""
        self.left = list(self.marks)

    def after_step(self, trainer: Any, step: Any) -> None:
        """A score where one is due."""
        if self.left and trainer.images_seen >= self.left[0]:
            self.left = [mark for mark in self.left if mark > trainer.images_seen]
            with torch.no_grad():
                points = trainer.average.module.eval()(self.z, None)
            if not torch.isfinite(points).all():
                return
            row = self.score(points.numpy())
            best = self.best is None or row["fd"] < self.best
            self.best = row["fd"] if best else self.best
            self.log.write("score", trainer.images_seen, split="choose", best=best, **row)

    def on_end(self, trainer: Any) -> None:
        """Nothing."""
