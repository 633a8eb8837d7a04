"""What every recipe gives: choices made for the user, and the game that is played with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gansmith.core.registry import Registry
from gansmith.core.schedule import Cosine
from gansmith.core.turns import Game
from gansmith.engine.average import RAMP
from gansmith.engine.trainer import Plan
from gansmith.recipes import PRESETS
from gansmith.recipes.choices import Choices, Facts


def generator_arguments(chosen: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """What the generator is created with; stored with its weights."""
    arguments = {
        "resolution": facts.resolution,
        "channels": facts.channels,
        "classes": facts.classes,
        "latent": chosen["latent"],
        "width": chosen["generator_width"],
    }
    conditioning = chosen["generator_conditioning"]
    return arguments if conditioning == "concatenation" else arguments | {"conditioning": conditioning}


@dataclass(frozen=True)
class Recipe:
    """One thing to train.

    Args:
        choose: (facts, preset or None, what the user asked for by name) -> every choice with its reason.
        build: (chosen values, facts, seed) -> the game, its weights drawn from the seed.
        network: (chosen values, facts) -> what the generator is created with; stored with its weights.
        presets: named sets of choices; a registry.
        reads: what it is trained on: "pictures"; "pairs" or two "domains" to translate between; or pictures that are
            made "coarse" or "holed" and mended.
    """

    choose: Callable[[Facts, str | None, Mapping[str, Any]], Choices]
    build: Callable[[dict[str, Any], Facts, int], Game]
    network: Callable[[dict[str, Any], Facts], dict[str, Any]] = generator_arguments
    presets: Registry = PRESETS
    reads: Literal["pictures", "pairs", "domains", "coarse", "holed"] = "pictures"

    @property
    def sides(self) -> int:
        """How many places the user names."""
        return 2 if self.reads in ("pairs", "domains") else 1


def plan_of(chosen: dict[str, Any], game: Game, images: int, seed: int) -> Plan:
    """The engine's plan for this budget: every player on the same schedule."""
    rate = Cosine(*chosen["rate"])
    first, second, *late = chosen["betas"]
    return Plan(
        seed=seed,
        batch=chosen["batch"],
        images=images,
        rates=dict.fromkeys(game.players, rate),
        betas=(first, second),
        late_beta2=late[0] if late else None,
        ema_halflife_images=chosen["ema_halflife_images"],
        ema_ramp=chosen.get("ema_ramp", RAMP),
        precision=chosen.get("precision", "fp32"),
        lanes=chosen.get("lanes", 1),
        threads=chosen.get("threads", 1),
        optimiser=chosen.get("optimiser", "adam"),
    )
