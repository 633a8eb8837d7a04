"""Holes in pictures filled: trained on pictures in which some part is left out.

Source: Pathak et al. 2016, arXiv:1604.07379.
"""

from collections.abc import Mapping
from typing import Any

from gansmith.core.errors import InputError
from gansmith.recipes.choices import Choices, Facts, overridden
from gansmith.recipes.kinds.paired import build, network
from gansmith.recipes.recipe import Recipe
from gansmith.recipes.translating import PAIRED_PRESETS
from gansmith.recipes.translating.defaults import inpaint_default


def choose(facts: Facts, preset: str | None, asked: Mapping[str, Any]) -> Choices:
    """Every choice, then the user's own.

    Raises: InputError: for a preset, of which this recipe has none, or an unknown name.
    """
    if preset:
        raise InputError("the recipe inpaint has no presets; leave --preset out")
    return overridden(inpaint_default(facts), asked)


inpaint = Recipe(choose, build, network, PAIRED_PRESETS, reads="holed")
