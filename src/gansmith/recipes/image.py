"""The recipe "image": choices -> networks and losses, wired into the two-player game."""

from typing import Any

import torch
from torch import nn

from gansmith.augment.diff_augment import DiffAugment
from gansmith.core.randomness import derived_seed
from gansmith.core.schedule import Cosine
from gansmith.engine.trainer import Plan
from gansmith.games.adversarial import Adversarial, Rules
from gansmith.networks import create_critic, create_generator
from gansmith.objectives import LOSSES, PENALTIES
from gansmith.recipes import PRESETS
from gansmith.recipes.choices import Choices, Facts


def choose(facts: Facts, preset: str | None) -> Choices:
    """The preset's choices for these facts; the modern game without one."""
    return PRESETS.get(preset or "modern")(facts)


def generator_arguments(chosen: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """What the generator is created with; stored with its weights."""
    return {
        "resolution": facts.resolution,
        "channels": facts.channels,
        "classes": facts.classes,
        "latent": chosen["latent"],
        "width": chosen["generator_width"],
    }


def build(chosen: dict[str, Any], facts: Facts, seed: int) -> Adversarial:
    """The game, its weights drawn from the seed; torch's global random state is left as it was."""
    arguments = generator_arguments(chosen, facts)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "weights"))
        generator = create_generator(chosen["network"], **arguments)
        shape = {key: arguments[key] for key in ("resolution", "channels", "classes")}
        critic = create_critic(chosen["network"], **shape, width=chosen["critic_width"])
    rules = Rules(
        objective=LOSSES.get(chosen["objective"]),
        latent=chosen["latent"],
        penalty=PENALTIES.get(chosen["penalty"]) if chosen["penalty"] else None,
        gamma=Cosine(*chosen["gamma"]),
        penalty_every=chosen["penalty_every"],
        critic_sees_apart=_has_batch_statistics(critic),
    )
    return Adversarial(generator, critic, rules, DiffAugment(chosen["augment"]) if chosen["augment"] else None)


def plan(chosen: dict[str, Any], images: int, seed: int) -> Plan:
    """The engine's plan for this budget."""
    rate = Cosine(*chosen["rate"])
    return Plan(
        seed=seed,
        batch=chosen["batch"],
        images=images,
        rates={"critic": rate, "generator": rate},
        betas=tuple(chosen["betas"]),
        ema_halflife_images=chosen["ema_halflife_images"],
        precision=chosen.get("precision", "fp32"),
    )


def _has_batch_statistics(module: nn.Module) -> bool:
    return any(isinstance(part, nn.modules.batchnorm._BatchNorm) for part in module.modules())
