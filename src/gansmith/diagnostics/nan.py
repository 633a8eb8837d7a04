"""NaN or infinite values: where they began."""

from typing import Any

import torch
from torch import nn

from gansmith.core.turns import Game, Step


def where_it_began(game: Game, step: Step) -> str:
    """In words: the first weight, layer output or gradient that is not finite, or that none is.

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
            turn.loss(step)
    finally:
        for hook in hooks:
            hook.remove()
    gradients = [
        f"the gradient of the {player}'s weight {name}, all layers being finite"
        for player, module in game.players.items()
        for name, weight in module.named_parameters()
        if weight.grad is not None and not torch.isfinite(weight.grad).all()
    ]
    return [*found, *gradients, "the loss itself, all layers being finite"][0]


def finding(player: str, images_seen: int, where: str) -> dict[str, Any]:
    """The finding as written to diagnosis.jsonl."""
    return {
        "symptom": "nan",
        "severity": "act",
        "confidence": 1.0,
        "images": images_seen,
        "evidence": {"player": player, "where": where, "images": images_seen},
        "advice": "train again from the last good state with a third of the learning rate",
        "flag": "--rate",
    }


def _watch(name: str, found: list[str]) -> Any:
    def hook(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, torch.Tensor) and not torch.isfinite(output).all():
            found.append(name)

    return hook
