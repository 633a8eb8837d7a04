"""What a guard may change in a game that is being played."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gansmith.augment.diff_augment import DiffAugment
from gansmith.core.schedule import constant
from gansmith.engine.average import RAMP
from gansmith.engine.observers.guarding import Lever
from gansmith.engine.trainer import Trainer
from gansmith.games.adversarial import Adversarial
from gansmith.networks.normalisation import has_batch_statistics
from gansmith.objectives import PENALTIES
from gansmith.recipes.choices import Facts
from gansmith.recipes.presets.modern import gamma_for

MOST_ALTERED = 0.8
LEAST_GAMMA = 0.02  # of what the resolution asks for: less holds nothing
FIRST = 10.0  # the factor by which cures raise it


@dataclass(frozen=True)
class Scaled:
    """A schedule times a factor."""

    schedule: Callable[[float], float]
    factor: float

    def __call__(self, progress: float) -> float:
        return self.factor * self.schedule(progress)


def levers_of(trainer: Trainer, chosen: dict[str, Any], facts: Facts) -> dict[str, Lever]:
    """By name; those that the game does not have are left out."""
    levers = {"rate": _rate(trainer), "average": _average(trainer)}
    games = [game for game in trainer.lanes.games if isinstance(game, Adversarial)]
    if games and not has_batch_statistics(games[0].critic):
        levers["gamma"] = _gamma(games, facts)
    plain = all(game.augment is None or isinstance(game.augment, DiffAugment) for game in games)
    if games and plain and chosen.get("augment_rule") != "ada":
        levers["augment"] = _augment(games, float(chosen.get("augment") or 0.0))
    return levers


def _rate(trainer: Trainer) -> Lever:
    usual = dict(trainer.plan.rates)

    def move(factor: float) -> None:
        rates: dict[str, Any] = {name: Scaled(rate, factor) for name, rate in usual.items()}
        trainer.plan = replace(trainer.plan, rates=rates)

    return Lever(move, lowest=1e-3, highest=100.0)


def _average(trainer: Trainer) -> Lever:
    usual = max(trainer.average.halflife_images, 0.01 * trainer.plan.images)

    def move(factor: float) -> None:
        trainer.average.ramp, trainer.average.halflife_images = RAMP, factor * usual

    return Lever(move, lowest=0.01, highest=10.0)


def _gamma(games: list[Adversarial], facts: Facts) -> Lever:
    """A factor on the weight; a game without a penalty, or with next to none, is given the default one."""
    rules = games[0].rules
    asked = gamma_for(facts.resolution, labelled=bool(facts.classes))
    holds = rules.penalty is not None and rules.gamma(0.0) >= LEAST_GAMMA * asked
    usual: Any = rules.gamma if holds else constant(asked)
    penalty = rules.penalty if holds else PENALTIES.get("r1-r2")

    def move(factor: float) -> None:
        # Without one that holds, the first factor, however large, brings the default's weight.
        weight: Any = Scaled(usual, factor if holds else factor / FIRST)
        for game in games:
            game.rules = replace(game.rules, penalty=penalty, gamma=weight)

    return Lever(move, lowest=1e-5, highest=1e4)


def _augment(games: list[Adversarial], probability: float) -> Lever:
    def move(value: float) -> None:
        for game in games:
            if isinstance(game.augment, DiffAugment):
                game.augment.probability = value
            elif game.augment is None:
                game.augment = DiffAugment(value)

    return Lever(move, probability, lowest=0.0, highest=MOST_ALTERED, adds=True)
