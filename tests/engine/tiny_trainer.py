"""A trainer as the recipe wires it, tiny and on random bytes, for the tests of the engine."""

import numpy as np
import torch

from gansmith.data.batches import Batches
from gansmith.engine.trainer import Trainer
from gansmith.recipes.choices import Facts, values
from gansmith.recipes.kinds.image import image
from gansmith.recipes.recipe import plan_of

STEPS, BATCH, ROWS = 5, 8, 20
TINY = {"batch": BATCH, "generator_width": 8, "critic_width": 8, "latent": 16}


def trainer_of(
    preset: str | None = None,
    classes: int = 0,
    resolution: tuple[int, int] = (28, 28),
    seed: int = 5,
    steps: int = STEPS,
    lanes: int = 1,
    threads: int = 1,
    precision: str = "fp32",
    **overrides,
) -> Trainer:
    """Twenty pictures, five steps of eight, unless asked otherwise; ``overrides`` as in a request."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (ROWS, *resolution, 3), dtype=np.uint8)
    labels = rng.integers(0, classes, ROWS) if classes else None
    facts = Facts(train_images=ROWS, resolution=resolution, channels=3, classes=classes, images=steps * BATCH)
    chosen = values(image.choose(facts, preset, TINY | overrides))
    chosen |= {"lanes": lanes, "threads": threads, "precision": precision}
    batches = Batches(images, labels, np.arange(ROWS), batch=BATCH, seed=seed, mirror=chosen["mirror"])
    game = image.build(chosen, facts, seed)
    return Trainer(game, batches, plan_of(chosen, game, facts.images, seed), [], torch.device("cpu"))


def play(trainer: Trainer, steps: int) -> Trainer:
    for _ in range(steps):
        trainer.play()
    return trainer


def same(one: Trainer, other: Trainer) -> bool:
    """Whether everything that the next step depends on is equal, bit for bit."""
    (mine, numbers), (theirs, others) = one.state(), other.state()
    assert mine.keys() == theirs.keys() and numbers == others
    different = [name for name in mine if not torch.equal(mine[name], theirs[name])]
    return not different
