"""What all methods of a comparison stand on: the data, the judge, the networks."""

from dataclasses import dataclass
from typing import Any

import torch

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.prepare import Prepared, prepare
from gansmith.engine.devices import pick_device
from gansmith.engine.memory import keep_freed_memory
from gansmith.networks.extractors import available
from gansmith.recipes import RECIPES
from gansmith.recipes.choices import Facts, values
from gansmith.recipes.comparing.asked import Asked
from gansmith.recipes.comparing.methods import Method
from gansmith.recipes.configuring import USUAL_PACE
from gansmith.recipes.setup import Judge, facts_of, precision_for

SHARED = ("network", "generator_width", "critic_width", "latent")


@dataclass(frozen=True)
class Ground:
    """Data and judge, ready.

    Attributes:
        shared: choices that are equal for all methods, by name; ``size`` among them.
    """

    asked: Asked
    prepared: Prepared
    judge: Judge
    device: torch.device
    shared: dict[str, Any]

    @classmethod
    def of(cls, asked: Asked, progress: Progress) -> "Ground":
        """Prepare the data once for all runs.

        Raises: InputError: unusable data, nothing to score with, or a method that these networks cannot play.
        """
        prepared = prepare(asked.data, resolution=asked.resolution, progress=progress)
        device = pick_device()
        keep_freed_memory()
        extractor = available(progress=progress)
        judge = Judge.of(extractor, prepared, 0, progress) if extractor else None
        if judge is None:
            missing = "more images, so that some can be held out" if extractor else "pip install 'gansmith[start]'"
            raise InputError(f"runs are compared by their scores, and there can be none here; it needs: {missing}")
        ground = cls(asked, prepared, judge, device, _shared(asked, prepared, device))
        for method in asked.methods:
            facts, chosen = ground.choose(method, first_guess(asked))
            method.load().build(chosen, facts, 0)  # what cannot be played is refused before anything else is
        return ground

    def choose(self, method: Method, images: int) -> tuple[Facts, dict[str, Any]]:
        """A method's choices on the shared network, and the facts that they follow from."""
        facts = _facts(self.asked, self.prepared, self.device, images, self.shared["size"], self.shared["network"])
        shapes = {name: self.shared[name] for name in SHARED}
        choices = method.load().choose(facts, method.preset, shapes)
        choices["precision"] = precision_for(None, self.device, values(choices).get("penalty"))
        return facts, values(choices)


def _facts(
    asked: Asked, prepared: Prepared, device: torch.device, images: int, size: str | None, network: str | None
) -> Facts:
    known = {"minutes": asked.budget_minutes, "accelerated": device.type != "cpu", "size": size, "network": network}
    return facts_of(prepared, asked.labels, images, **known)


def first_guess(asked: Asked) -> int:
    """The images of a run before any pace is known."""
    return asked.images or round((asked.budget_minutes or 0) * 60 * USUAL_PACE)


def _shared(asked: Asked, prepared: Prepared, device: torch.device) -> dict[str, Any]:
    """The default's networks, or those that were asked for: nobody brings a network of its own."""
    facts = _facts(asked, prepared, device, first_guess(asked), asked.size, asked.network)
    default = values(RECIPES.get("image").choose(facts, None, {"network": asked.network} if asked.network else {}))
    return {name: default[name] for name in ("size", *SHARED)}
