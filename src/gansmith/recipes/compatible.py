"""Choices that do not go together, refused with the reason before training starts."""

from typing import Any

from torch import nn

from gansmith.core.errors import InputError
from gansmith.networks import FAMILIES
from gansmith.networks.constraints import is_normalised
from gansmith.networks.normalisation import has_batch_statistics
from gansmith.objectives import LOSSES, PENALTIES
from gansmith.recipes.choices import Facts

PLAYERS = ("critic", "generator")


def refuse_impossible(chosen: dict[str, Any], facts: Facts, generator: nn.Module, critic: nn.Module) -> None:
    """Raises: InputError: for the first reason why this game cannot be played."""
    for reason in (
        _of_the_order(chosen),
        _of_the_objective(chosen, critic),
        _of_the_penalties(chosen, generator, critic),
        _of_packing(chosen, facts),
        _of_augmentation(chosen),
        _of_labels(chosen, facts),
    ):
        if reason:
            raise InputError(reason)


def refuse_group(chosen: dict[str, Any]) -> None:
    """Raises: InputError: when the critic cannot compare so many images with one another."""
    if reason := reason_against_group(chosen):
        raise InputError(reason)


def reason_against_group(chosen: dict[str, Any]) -> str | None:
    """Why images cannot be compared in groups as chosen, if so."""
    group, network, batch = chosen["group"], chosen["network"], chosen["batch"]
    if group and not FAMILIES.get(network).compares_rows:
        return f"the critic of {network!r} cannot compare images with one another; leave --group out"
    if group and (batch // chosen["packing"]) % group:
        return f"a batch of {batch} does not fall into groups of {group}; choose a --batch that is a multiple of it"
    return None


def _of_the_order(chosen: dict[str, Any]) -> str | None:
    if chosen["first"] not in PLAYERS:
        return f"first moves one of {' and '.join(PLAYERS)}, not {chosen['first']!r}"
    return None


def _of_the_objective(chosen: dict[str, Any], critic: nn.Module) -> str | None:
    name = chosen["objective"]
    if LOSSES.get(name).lipschitz and not _slope_is_bounded(chosen, critic):
        return (
            f"the objective {name} has no bound unless the critic's slope has one, also away from real images and "
            "whatever batch normalisation scales; add --penalty wgan-gp, or --constraint clip or spectral"
        )
    return None


def _slope_is_bounded(chosen: dict[str, Any], critic: nn.Module) -> bool:
    if chosen["penalty"] and chosen["gamma"][0] > 0:
        penalty = PENALTIES.get(chosen["penalty"])
        if penalty.at != "real" and penalty.extra != "augmented":
            return True
    return chosen["constraint"] == "clip" or (is_normalised(critic) and not has_batch_statistics(critic))


def _of_the_penalties(chosen: dict[str, Any], generator: nn.Module, critic: nn.Module) -> str | None:
    name, other = chosen["penalty"], chosen["generator_penalty"]
    if name and PENALTIES.get(name).at == "latents":
        return f"{name} is a penalty on the generator; give it as --generator-penalty {name}"
    if other and PENALTIES.get(other).at != "latents":
        return f"{other} is a penalty on the critic; give it as --penalty {other}"
    for which, player, penalty in (("critic", critic, name), ("generator", generator, other)):
        each = penalty and (PENALTIES.get(penalty).per_row or which == "generator")
        if each and has_batch_statistics(player):
            return (
                f"the penalty {penalty} needs each image judged by itself, and the {which} of {chosen['network']!r} "
                "has batch normalisation; choose --network residual, or another penalty or none"
            )
    return None


def _of_packing(chosen: dict[str, Any], facts: Facts) -> str | None:
    size, batch = chosen["packing"], chosen["batch"]
    if size > 1 and batch % size:
        return f"a batch of {batch} cannot be packed by {size}; choose a --batch that {size} divides"
    if size > 1 and facts.classes:
        return "packed images would need one label each; add --no-labels, or leave --packing out"
    if size > 1 and not FAMILIES.get(chosen["network"]).packs:
        return f"the critic of {chosen['network']!r} sees one image at a time; leave --packing out"
    return None


def _of_augmentation(chosen: dict[str, Any]) -> str | None:
    if chosen["augment_rule"] == "ada" and not LOSSES.get(chosen["objective"]).sign_tells:
        return (
            f"ada reads the sign of the critic's verdict, which {chosen['objective']} leaves without a meaning; "
            "choose --objective non-saturating or hinge, or give a fixed probability with --augment"
        )
    return None


def _of_labels(chosen: dict[str, Any], facts: Facts) -> str | None:
    if facts.classes:
        return None
    for player, usual in (("generator", "concatenation"), ("critic", "projection")):
        if chosen[f"{player}_conditioning"] != usual:
            return f"--{player}-conditioning needs labels, and these data bring none (or --no-labels was given)"
    return None
