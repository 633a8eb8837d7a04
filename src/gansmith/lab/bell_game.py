"""A GAN on a line whose generator can only move and stretch one bell, so that all it does can be read."""

from dataclasses import dataclass

import torch

from gansmith.core import randomness
from gansmith.core.schedule import constant
from gansmith.engine.trainer import Plan, Trainer
from gansmith.games.adversarial import Adversarial, Rules
from gansmith.lab.weights import seeded
from gansmith.networks.points import PointCritic, PointGenerator
from gansmith.objectives import Objective

BATCH = 256
START = 3.0
RATES = {"critic": constant(5e-3), "generator": constant(1e-2)}


@dataclass(frozen=True)
class Moment:
    """Where the generated bell is, how wide, and how sure the critic has become (mean size of its logits)."""

    mean: float
    spread: float
    logit: float


def play(objective: Objective, *, seed: int, steps: int, every: int) -> list[Moment]:
    """The data are N(0, 1), the generator begins at N(3, 1); a moment before, and after every so many steps."""
    with seeded(seed):
        generator, critic = PointGenerator(1, latent=1, depth=0), PointCritic(1, width=64, depth=2)
    bell = generator.layers[0]
    assert isinstance(bell, torch.nn.Linear)
    torch.nn.init.ones_(bell.weight)
    torch.nn.init.constant_(bell.bias, START)
    plan = Plan(
        seed=seed, batch=BATCH, images=steps * BATCH, rates=RATES, betas=(0.0, 0.99), ema_halflife_images=10 * BATCH
    )
    game = Adversarial(generator, critic, Rules(objective=objective, latent=1))
    trainer = Trainer(game, lambda step: (_data(seed, step), None), plan, [], torch.device("cpu"))
    moments = [_moment(bell, 0.0)]
    while not trainer.done:
        step = trainer.play()
        if trainer.index % every == 0:
            logit = (step.signals["real_logit"].abs() + step.signals["fake_logit"].abs()) / 2
            moments.append(_moment(bell, logit.item()))
    return moments


def _data(seed: int, step: int) -> torch.Tensor:
    return randomness.normal((BATCH, 1), seed, "data", step)


def _moment(bell: torch.nn.Linear, logit: float) -> Moment:
    return Moment(bell.bias.item(), bell.weight.abs().item(), logit)
