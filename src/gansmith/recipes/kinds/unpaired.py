"""One kind of picture out of another where nobody knows the answer: a drawing style, a season, a scanner.

Source: Zhu et al. 2017, arXiv:1703.10593; Park et al. 2020, arXiv:2007.15651.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gansmith.core.schedule import Cosine
from gansmith.core.seeds import derived_seed
from gansmith.games.adversarial import Rules
from gansmith.games.unpaired import Bonds, Directions, History, Unpaired
from gansmith.networks.normalisation import has_batch_statistics
from gansmith.networks.translators import create_patch_critic, create_translator
from gansmith.objectives import LOSSES, PENALTIES
from gansmith.recipes.choices import Choices, Facts, overridden
from gansmith.recipes.recipe import Recipe
from gansmith.recipes.translating import UNPAIRED_PRESETS
from gansmith.recipes.translating.choosing import refuse_untranslatable, translator_arguments
from gansmith.recipes.translating.defaults import unpaired_default

HEAD = 128


def choose(facts: Facts, preset: str | None, asked: Mapping[str, Any]) -> Choices:
    """Every choice of the unpaired game, then the user's own.

    Raises: InputError: for an unknown name, or a preset of paired translation.
    """
    return overridden((UNPAIRED_PRESETS.get(preset) if preset else unpaired_default)(facts), asked)


def build(chosen: dict[str, Any], facts: Facts, seed: int) -> Unpaired:
    """The game, its weights drawn from the seed. Raises: InputError: when the choices do not go together."""
    refuse_untranslatable(chosen)
    name, width = chosen["network"], chosen["critic_width"]
    there = translator_arguments(chosen, facts)
    back = there | {"given": facts.channels, "channels": facts.given}
    cycle = bool(chosen["cycle"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "weights"))
        translators = Directions(create_translator(name, **there), create_translator(name, **back) if cycle else None)
        critics = {"b": create_patch_critic(name, channels=facts.channels, width=width)}
        if cycle:
            critics["a"] = create_patch_critic(name, channels=facts.given, width=width)
        first: Any = translators.a_to_b
        contrasted = chosen["contrast"] or chosen["contrast_identity"]
        heads = nn.ModuleList(_head(channels) for channels in first.map_channels) if contrasted else None
    rules = Rules(
        objective=LOSSES.get(chosen["objective"]),
        latent=chosen["latent"],
        penalty=PENALTIES.get(chosen["penalty"]) if chosen["penalty"] else None,
        gamma=Cosine(*chosen["gamma"]),
        penalty_every=chosen["penalty_every"],
        critic_sees_apart=any(map(has_batch_statistics, critics.values())),
    )
    bonds = Bonds(**{bond: chosen[bond] for bond in ("cycle", "identity", "contrast", "contrast_identity", "history")})
    shapes = {"b": (facts.channels, *facts.resolution), "a": (facts.given, *facts.resolution)}
    histories: dict[str, nn.Module] = {side: History(bonds.history, shapes[side]) for side in critics if bonds.history}
    return Unpaired(translators, critics, heads, rules, bonds, facts.given, None, histories)


class _head(nn.Sequential):
    """(N, places, channels) -> (N, places, HEAD)."""

    def __init__(self, channels: int):
        super().__init__(nn.Linear(channels, HEAD), nn.ReLU(inplace=True), nn.Linear(HEAD, HEAD))

    def forward(self, input: Tensor) -> Tensor:
        """See the class."""
        return super().forward(input)


def network(chosen: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """What the translator from A to B is created with."""
    return translator_arguments(chosen, facts)


unpaired = Recipe(choose, build, network, UNPAIRED_PRESETS, reads="domains")
