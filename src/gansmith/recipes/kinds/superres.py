"""Pictures four times as large, with what the small ones lack: trained on pictures that are made coarse on the fly.

Source: Ledig et al. 2017, arXiv:1609.04802 (an adversarial term for what a mean cannot show).
"""

from collections.abc import Mapping
from typing import Any

from gansmith.core.errors import InputError
from gansmith.recipes.choices import Choices, Facts, overridden
from gansmith.recipes.kinds.paired import build, network
from gansmith.recipes.recipe import Recipe
from gansmith.recipes.translating import PAIRED_PRESETS
from gansmith.recipes.translating.defaults import superres_default


def choose(facts: Facts, preset: str | None, asked: Mapping[str, Any]) -> Choices:
    """Every choice, then the user's own.

    Raises: InputError: for a preset, of which this recipe has none, or an unknown name.
    """
    if preset:
        raise InputError("the recipe superres has no presets; leave --preset out")
    return overridden(superres_default(facts), asked)


superres = Recipe(choose, build, network, PAIRED_PRESETS, reads="coarse")
