"""Avatars drawn from seeds with DiceBear and resvg: pictures, and the attributes that made them."""

import io
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from PIL import Image

from gansmith.core.errors import InputError
from gansmith.core.pool import in_order
from gansmith.data.decode import to_plan
from gansmith.data.plan import Plan

STYLES = ("critters", "landscape", "lorelei", "notionists", "pixel-art", "voxel-art")
"""The styles that are in the public domain (CC0)."""


def render(
    style: str, seeds: Sequence[str], resolution: int = 64, background: tuple[int, int, int] = (255, 255, 255)
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Draw one avatar a seed.

    Args:
        style: one of STYLES.
        resolution: pixels a side.
        background: RGB behind the styles that have none of their own.
    Returns: (n, resolution, resolution, 3) uint8, and one row of attributes a picture.
    Raises: InputError: dicebear or resvg are not installed.
    Check: a function of its arguments alone.
    """
    plan = Plan(width=resolution, height=resolution, channels=3, background=background, reason="as asked")
    definition(style)  # once, before the threads ask for it
    drawn = list(in_order(lambda seed: draw(style, seed, plan), seeds))
    return np.stack([picture for picture, _ in drawn]), [attributes for _, attributes in drawn]


def draw(style: str, seed: str, plan: Plan) -> tuple[np.ndarray, dict[str, Any]]:
    """One avatar: (H, W, C) uint8 of the plan's shape, and its attributes with style and seed first."""
    dicebear, resvg = libraries()
    made = dicebear.Avatar(definition(style), {"seed": seed}).to_json()
    side = max(plan.width, plan.height)
    png = resvg.svg_to_bytes(svg_string=made["svg"], width=side, height=side, skip_system_fonts=True)
    image = Image.open(io.BytesIO(bytes(png)), formats=("PNG",))
    return to_plan(image, plan), {"style": style, "seed": seed, **made["options"]}


@cache
def libraries() -> tuple[Any, Any]:
    """The two packages that draw.

    Raises: InputError: one is not installed; says how to get both.
    """
    try:
        import dicebear
        import dicebear_styles  # noqa: F401 (the drawings themselves)
        import resvg_py
    except ImportError as error:
        raise InputError("drawing avatars needs more packages; install them: pip install 'gansmith[start]'") from error
    return dicebear, resvg_py


@cache
def definition(style: str) -> Any:
    """The parsed definition of a style."""
    dicebear, _ = libraries()
    return dicebear.Style(json.loads(files("dicebear_styles").joinpath(f"{style}.json").read_text("utf-8")))
