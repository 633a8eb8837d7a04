"""Pictures out of noise: a generator against a critic.

Source: Goodfellow et al. 2014, arXiv:1406.2661.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from gansmith.augment._together import Together
from gansmith.augment.diff_augment import DiffAugment
from gansmith.augment.instance_noise import InstanceNoise
from gansmith.core.schedule import Cosine
from gansmith.core.seeds import derived_seed
from gansmith.games.adversarial import Adversarial, Augment, Rules
from gansmith.networks import FAMILIES, create_critic, create_generator
from gansmith.networks.constraints import constrain
from gansmith.networks.normalisation import has_batch_statistics
from gansmith.objectives import LOSSES, PENALTIES
from gansmith.recipes import PRESETS
from gansmith.recipes.choices import Choice, Choices, Facts, overridden, values
from gansmith.recipes.compatible import reason_against_group, refuse_group, refuse_impossible
from gansmith.recipes.presets.modern import gamma_for
from gansmith.recipes.recipe import Recipe, generator_arguments

ALTERED = 1.0  # a consistency penalty compares each image with a copy that is altered in every way

COMMON: Choices = {
    "optimiser": Choice("adam", "as published"),
    "generator_penalty": Choice(None, "none is needed"),
    "generator_gamma": Choice(2.0, "the paper's, where there is such a penalty"),
    "constraint": Choice(None, "the critic's weights are free"),
    "clip": Choice(0.01, "the paper's, where weights are clipped"),
    "packing": Choice(1, "the critic judges images one by one"),
    "group": Choice(0, "the critic sees each image by itself"),
    "critic_steps": Choice(1, "both players move once a step"),
    "first": Choice("critic", "the generator learns from a critic that has just looked"),
    "generator_conditioning": Choice("concatenation", "the label is joined to the latent"),
    "critic_conditioning": Choice("projection", "the label's vector is compared with the features"),
    "augment_rule": Choice("fixed", "the probability is chosen beforehand"),
    "instance_noise": Choice(0.0, "the critic sees the images as they are"),
}


def choose(facts: Facts, preset: str | None, asked: Mapping[str, Any]) -> Choices:
    """The preset's choices for these facts, the modern game without one, then the user's own.

    Raises: InputError: for an unknown name.
    """
    return choose_with({}, facts, preset, asked)


def choose_with(more: Choices, facts: Facts, preset: str | None, asked: Mapping[str, Any]) -> Choices:
    """The same with further choices of another recipe."""
    facts = replace(facts, network=asked.get("network", facts.network))
    chosen = more | COMMON | PRESETS.get(preset or "modern")(facts)
    chosen = overridden(chosen | _weight_of_another_penalty(chosen, asked, facts), asked)
    if "penalty" not in asked and _wants_rows_apart(chosen):
        chosen["penalty"] = Choice(None, "this critic normalises over the batch, which gradient penalties do not allow")
    if "group" not in asked and reason_against_group(values(chosen)):
        chosen["group"] = Choice(0, "this critic, or this batch, does not fall into groups")
    return chosen


def _wants_rows_apart(chosen: Choices) -> bool:
    """Whether the penalty needs each row judged by itself, and the critic judges them together."""
    name = chosen["penalty"].value
    return bool(name) and PENALTIES.get(name).per_row and FAMILIES.get(chosen["network"].value).batch_statistics


def _weight_of_another_penalty(chosen: Choices, asked: Mapping[str, Any], facts: Facts) -> Choices:
    """The paper's weight; where it hangs on the data and the preset has none, the default game's."""
    name = asked.get("penalty")
    if not name or name == chosen["penalty"].value:
        return {}
    weight = PENALTIES.get(name).weight
    if weight is not None:
        return {"gamma": Choice([weight, weight], f"the paper's weight of {name}")}
    if chosen["gamma"].value[0] > 0 and PENALTIES.get(chosen["penalty"].value).weight is None:
        return {}
    gamma = gamma_for(facts.resolution, labelled=bool(facts.classes))
    return {"gamma": Choice([gamma, gamma], f"by resolution ({min(facts.resolution)} px)")}


def build(chosen: dict[str, Any], facts: Facts, seed: int) -> Adversarial:
    """The game, its weights drawn from the seed; torch's global random state is left as it was.

    Raises: InputError: when the choices do not go together.
    """
    refuse_group(chosen)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "weights"))
        generator = create_generator(chosen["network"], **generator_arguments(chosen, facts))
        critic = build_critic(chosen, facts)
    refuse_impossible(chosen, facts, generator, critic)
    rules = rules_of(chosen, critic)
    return Adversarial(generator, critic, rules, augmentation(chosen, facts), altered_copies(rules))


def build_critic(chosen: dict[str, Any], facts: Facts) -> nn.Module:
    """The critic on packed images, with the constraint on its weights."""
    arguments: dict[str, Any] = {
        "resolution": facts.resolution,
        "channels": facts.channels * chosen["packing"],
        "classes": facts.classes,
        "width": chosen["critic_width"],
    }
    if chosen["critic_conditioning"] != "projection":
        arguments["conditioning"] = chosen["critic_conditioning"]
    if chosen["group"]:
        arguments["group"] = chosen["group"]
    critic = create_critic(chosen["network"], **arguments)
    if chosen["constraint"]:
        constrain(critic, chosen["constraint"], chosen["clip"])
    return critic


def rules_of(chosen: dict[str, Any], critic: nn.Module) -> Rules:
    """How the game is played."""
    return Rules(
        objective=LOSSES.get(chosen["objective"]),
        latent=chosen["latent"],
        penalty=PENALTIES.get(chosen["penalty"]) if chosen["penalty"] else None,
        gamma=Cosine(*chosen["gamma"]),
        penalty_every=chosen["penalty_every"],
        generator_penalty=PENALTIES.get(chosen["generator_penalty"]) if chosen["generator_penalty"] else None,
        generator_gamma=chosen["generator_gamma"],
        critic_sees_apart=has_batch_statistics(critic),
        packing=chosen["packing"],
        critic_steps=chosen["critic_steps"],
        first=chosen["first"],
        classify=float(chosen["critic_conditioning"] == "auxiliary"),
    )


def augmentation(chosen: dict[str, Any], facts: Facts) -> Augment | None:
    """What the critic is shown in place of the images."""
    parts: list[Augment] = []
    if chosen["augment"] or chosen["augment_rule"] == "ada":
        parts.append(DiffAugment(chosen["augment"]))
    if chosen["instance_noise"]:
        parts.append(InstanceNoise(chosen["instance_noise"], max(1, facts.images // chosen["batch"])))
    return (parts[0] if len(parts) == 1 else Together(parts)) if parts else None


def altered_copies(rules: Rules) -> Augment | None:
    """What a consistency penalty compares an image with."""
    return DiffAugment(ALTERED) if rules.penalty and rules.penalty.extra == "augmented" else None


def altering(game: Any) -> DiffAugment:
    """The part of a game's augmentation whose probability can be adapted."""
    parts = game.augment.parts if isinstance(game.augment, Together) else [game.augment]
    return next(part for part in parts if isinstance(part, DiffAugment))


image = Recipe(choose, build)
