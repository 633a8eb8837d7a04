"""A GAN on points of a plane: gansmith's own game, losses and trainer."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gansmith.core import randomness
from gansmith.core.progress import Progress
from gansmith.engine.pace import measure_pace
from gansmith.engine.trainer import Plan, Trainer
from gansmith.games.adversarial import Adversarial, Rules
from gansmith.lab.mixtures import SAMPLES, Mixture
from gansmith.lab.plane_players import PlaneCritic, PlaneGenerator
from gansmith.lab.schedules import Falling, Held
from gansmith.lab.weights import seeded
from gansmith.objectives import LOSSES, PENALTIES

BATCH = 2048
PENALTY_EVERY = 4
RATE, HELD = 4e-3, 0.4
FINAL = {"critic": 0.3, "generator": 0.01}  # shares of the rate at the end
BETAS = (0.0, 0.95)
HALFLIFE = 300_000
SHOWN, MOMENTS = 600, 24
PROBE_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How such a game is played.

    Attributes:
        updates: steps; each moves the critic once, then the generator once.
        objective: a registered loss.
        penalty: a registered penalty on the critic, or None.
        gamma: its weight, falling from one to the other by a constant factor a step. Much of it at the start
            carries the cloud to the data; only with little at the end can the critic see a mode's width.
        octaves: what the generator and the critic are shown beside their inputs.
        latent: length of z. In more directions the borders between many modes are shorter.
    """

    updates: int
    objective: str = "relativistic-pairing"
    penalty: str | None = "r1-r2"
    gamma: tuple[float, float] = (5e-2, 1e-3)
    octaves: tuple[int, int] = (5, 6)
    latent: int = 2


@dataclass(frozen=True)
class Played:
    """A game as it ended.

    Attributes:
        samples: (20,000, 2) of the averaged generator.
        moments: (update, a few samples) on the way, for the picture.
    """

    samples: Tensor
    moments: list[tuple[int, Tensor]]


def trainer_of(mixture: Mixture, settings: Settings, seed: int) -> Trainer:
    """Networks, game and trainer, all draws from the seed."""
    width = mixture.sample(BATCH, seed, "width").std().item()
    with seeded(seed):
        generator = PlaneGenerator(settings.latent, settings.octaves[0])
        critic = PlaneCritic(settings.octaves[1], width)
    rules = Rules(
        objective=LOSSES.get(settings.objective),
        latent=settings.latent,
        penalty=PENALTIES.get(settings.penalty) if settings.penalty else None,
        gamma=Falling(*settings.gamma),
        penalty_every=PENALTY_EVERY,
    )
    plan = Plan(
        seed=seed,
        batch=BATCH,
        images=settings.updates * BATCH,
        rates={player: Held(RATE, RATE * final, HELD) for player, final in FINAL.items()},
        betas=BETAS,
        ema_halflife_images=HALFLIFE,
    )
    game = Adversarial(generator, critic, rules)
    return Trainer(game, lambda step: (mixture.sample(BATCH, seed, "real", step), None), plan, [], torch.device("cpu"))


def updates_in(minutes: float, mixture: Mixture, settings: Settings) -> int:
    """How many updates so many minutes hold on this machine, measured once beforehand."""
    per_second = measure_pace(trainer_of(mixture, settings, 0), PROBE_SECONDS) / BATCH
    return max(1, int((minutes * 60 - PROBE_SECONDS) * per_second))


def play(mixture: Mixture, settings: Settings, *, seed: int, progress: Progress, title: str) -> Played:
    """Train; draw a few samples at moments on the way, which lie closer together at the start, and 20,000 at the end.

    Raises: NonFinite: when a loss, a gradient or a weight is no longer finite.
    """
    trainer = trainer_of(mixture, settings, seed)
    marks = {round(settings.updates * (moment / MOMENTS) ** 2) for moment in range(MOMENTS + 1)}
    generator = trainer.average.module
    moments = [(0, _draw(generator, SHOWN, settings.latent, seed))]
    progress.start(title, settings.updates)
    while not trainer.done:
        trainer.play()
        if trainer.index in marks:
            moments.append((trainer.index, _draw(generator, SHOWN, settings.latent, seed)))
        progress.advance(trainer.index)
    progress.finish()
    return Played(_draw(generator, SAMPLES, settings.latent, seed), moments)


@torch.no_grad()
def _draw(generator: nn.Module, count: int, latent: int, seed: int) -> Tensor:
    """(count, 2) samples from latents of their own, none left out."""
    return generator(randomness.normal((count, latent), seed, "judged"), None)
