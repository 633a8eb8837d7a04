"""From what the user named to the material of a recipe."""

from typing import Any

from gansmith.core.errors import InputError
from gansmith.core.progress import Progress
from gansmith.data.domains import damaged, prepare_domains
from gansmith.data.prepare import prepare
from gansmith.recipes import RECIPES
from gansmith.recipes.material import Material, Pictures
from gansmith.recipes.translating.material import Translation


def open_material(
    name: str, data: str, data_b: str | None, reading: dict[str, Any], strict: bool, progress: Progress
) -> Material:
    """Prepare what a recipe is trained on.

    Args:
        name: of the recipe.
        data, data_b: what the user gave.
        reading: ``resolution``, ``alpha`` and ``background`` as ``prepare`` takes them.
        strict: refuse pictures without a partner.
    Raises: InputError, WorkError: as ``prepare``.
    """
    reads = RECIPES.get(name).reads
    if strict and reads != "pairs":
        raise InputError("--strict-pairs is for --recipe paired; leave it out")
    if reads in ("pairs", "domains"):
        paired = reads == "pairs"
        return Translation(prepare_domains(data, data_b, paired=paired, strict=strict, **reading, progress=progress))
    prepared = prepare(data, **reading, progress=progress)
    return Pictures(prepared) if reads == "pictures" else Translation(damaged(prepared, reads))
