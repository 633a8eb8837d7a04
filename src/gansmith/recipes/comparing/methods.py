"""What can be compared: presets of the image game, and recipes of their own."""

import re
from dataclasses import dataclass

from gansmith.core.errors import InputError
from gansmith.core.registry import hint
from gansmith.recipes import PRESETS, RECIPES
from gansmith.recipes.recipe import Recipe


@dataclass(frozen=True)
class Method:
    """One row of the table.

    Attributes:
        name: as it was asked for.
        recipe, preset: what is trained.
    """

    name: str
    recipe: str
    preset: str | None

    @property
    def file_name(self) -> str:
        """The name in a folder's."""
        return re.sub(r"[^\w.-]+", "-", self.name)

    def load(self) -> Recipe:
        """The recipe, imported now."""
        return RECIPES.get(self.recipe)


def method_of(name: str) -> Method:
    """A name in recipes/presets, a user's module:function, or a recipe where the name is no preset.

    Raises: InputError: for a name that is neither, with the nearest one.
    """
    if name in PRESETS.names or ":" in name:
        PRESETS.get(name)
        return Method(name, "image", name)
    if name in RECIPES.names:
        return Method(name, name, None)
    raise InputError(f"no preset or recipe is named {name!r}; {hint(name, [*PRESETS.names, *RECIPES.names])}")
