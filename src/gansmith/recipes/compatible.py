"""Choices that do not go together, refused with the reason before training starts."""

from typing import Any

from torch import nn

from gansmith.core.errors import InputError
from gansmith.networks import FAMILIES
from gansmith.objectives import LOSSES, PENALTIES
from gansmith.recipes.choices import Facts

_BATCH_NORMS = nn.modules.batchnorm._BatchNorm


def refuse_impossible(chosen: dict[str, Any], facts: Facts, generator: nn.Module, critic: nn.Module) -> None:
    """Raises: InputError: for the first reason why this game cannot be played."""
    for reason in (
        _of_the_objective(chosen),
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


def _of_the_objective(chosen: dict[str, Any]) -> str | None:
    name = chosen["objective"]
    if LOSSES.get(name).lipschitz and not (chosen["penalty"] or chosen["constraint"]):
        return (
            f"the objective {name} has no bound unless the critic's slope has one; "
            "add --penalty wgan-gp, or --constraint spectral or clip"
        )
    return None


def _of_the_penalties(chosen: dict[str, Any], generator: nn.Module, critic: nn.Module) -> str | None:
    name, other = chosen["penalty"], chosen["generator_penalty"]
    if name and PENALTIES.get(name).at == "latents":
        return f"{name} is a penalty on the generator; give it as --generator-penalty {name}"
    if other and PENALTIES.get(other).at != "latents":
        return f"{other} is a penalty on the critic; give it as --penalty {other}"
    for which, player, penalty in (("critic", critic, name), ("generator", generator, other)):
        rows_mix = any(isinstance(part, _BATCH_NORMS) for part in player.modules())
        if penalty and rows_mix and (PENALTIES.get(penalty).per_row or which == "generator"):
            return (
                f"the penalty {penalty} needs each image judged by itself, and the {which} of {chosen['network']!r} "
                "has batch normalisation; choose --network residual, or leave the penalty out"
            )
    return None


def _of_packing(chosen: dict[str, Any], facts: Facts) -> str | None:
    size, batch = chosen["packing"], chosen["batch"]
    if size > 1 and batch % size:
        return f"a batch of {batch} cannot be packed by {size}; choose a --batch that {size} divides"
    if size > 1 and facts.classes:
        return "packed images would need one label each; add --no-labels, or leave --packing out"
    return None


def _of_augmentation(chosen: dict[str, Any]) -> str | None:
    objective = LOSSES.get(chosen["objective"])
    if chosen["augment_rule"] == "ada" and objective.pairs_real and not objective.reads_features:
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
