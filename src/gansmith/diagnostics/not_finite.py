"""Where a NaN or an infinite value began."""

from typing import Any

import torch
from torch import nn

from gansmith.core.turns import Game, Step

NOWHERE = "no layer that shows it when the step is played again"


def where_it_began(game: Game, step: Step) -> str | None:
    """In words: the first weight, layer output or gradient that is not finite; None where all are.

    Args:
        game: as it stands; nothing of it is changed.
        step: the step in which a loss was not finite; its turns are played again without a gradient step.
    """
    for player, module in game.players.items():
        for name, weight in module.named_parameters():
            if not torch.isfinite(weight).all():
                return f"the {player}'s weight {name}"
    found: list[str] = []
    hooks = [
        part.register_forward_hook(_watch(f"the {player}'s layer {name or 'output'}", found))
        for player, module in game.players.items()
        for name, part in module.named_modules()
        if not list(part.children())
    ]
    try:
        for turn in game.turns:
            if not torch.isfinite(turn.loss(step)).all() and not found:
                found.append("the loss itself, all layers being finite")
    finally:
        for hook in hooks:
            hook.remove()
    gradients = [
        f"the gradient of the {player}'s weight {name}, all layers being finite"
        for player, module in game.players.items()
        for name, weight in module.named_parameters()
        if weight.grad is not None and not torch.isfinite(weight.grad).all()
    ]
    return next(iter([*found, *gradients]), None)


def _watch(name: str, found: list[str]) -> Any:
    def hook(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, torch.Tensor) and not torch.isfinite(output).all():
            found.append(name)

    return hook
