"""A critic that plays alone: it learns to tell two fixed densities apart, and nobody moves away from it."""

from collections.abc import Callable

import torch
from torch import Tensor

from gansmith.core import randomness
from gansmith.core.schedule import Cosine
from gansmith.core.turns import Step, Turn
from gansmith.engine.trainer import Plan, Trainer
from gansmith.lab.weights import seeded
from gansmith.networks.points import PointCritic
from gansmith.objectives import Objective

Sampler = Callable[[int, int, str, int], Tensor]
BATCH = 1024


class Alone:
    """The one-player game: the critic against samples that stay as they are.

    Args:
        critic: samples -> logits.
        objective: whose critic's side is minimised.
        fake: (count, seed, purpose, step) -> generated samples.
    """

    def __init__(self, critic: PointCritic, objective: Objective, fake: Sampler):
        self.players: dict[str, torch.nn.Module] = {"critic": critic}
        self.shown: torch.nn.Module = critic
        self.critic, self.objective, self.fake = critic, objective, fake
        self.turns = [Turn("critic", self.loss)]

    def loss(self, step: Step) -> Tensor:
        """(N,): the critic's side alone."""
        fake = self.fake(len(step.real), step.seed, "fake", step.index)
        return self.objective.critic(self.critic(step.real), self.critic(fake))


def learn(
    objective: Objective,
    real: Sampler,
    fake: Sampler,
    places: Tensor,
    *,
    seed: int,
    steps: int,
    every: int,
    rate: float = 5e-3,
) -> list[Tensor]:
    """Train a small critic of points on a line; its logits at the places every so many steps.

    Returns: (K,) float64 each, the first before training; the last is the running average's.
    """
    with seeded(seed):
        critic = PointCritic(1, width=64, depth=2)
    falling = Cosine(rate, rate * 0.01)
    plan = Plan(
        seed=seed,
        batch=BATCH,
        images=steps * BATCH,
        rates={"critic": falling},
        betas=(0.9, 0.99),
        ema_halflife_images=20 * BATCH,
    )
    game = Alone(critic, objective, fake)
    trainer = Trainer(game, lambda step: (real(BATCH, seed, "real", step), None), plan, [], torch.device("cpu"))
    seen = [_at(critic, places)]
    while not trainer.done:
        trainer.play()
        if trainer.index % every == 0 and not trainer.done:
            seen.append(_at(critic, places))
    return [*seen, _at(trainer.average.module, places)]


def bell(mean: float, std: float) -> Sampler:
    """A sampler of N(mean, std^2) on a line, (N, 1)."""
    return lambda count, seed, purpose, step: mean + std * randomness.normal((count, 1), seed, purpose, step)


def humps(means: tuple[float, ...], std: float) -> Sampler:
    """A sampler of equally frequent bells of one width on a line, (N, 1)."""

    def draw(count: int, seed: int, purpose: str, step: int) -> Tensor:
        which = randomness.integers(len(means), count, seed, f"{purpose}-hump", step)
        noise = randomness.normal((count, 1), seed, purpose, step)
        return torch.tensor(means)[which, None] + std * noise

    return draw


@torch.no_grad()
def _at(critic: torch.nn.Module, places: Tensor) -> Tensor:
    return critic(places.float()[:, None]).double()
