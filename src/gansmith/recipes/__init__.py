"""Recipes turn data and a budget into networks, losses and schedules, and say why."""

from pathlib import Path

from gansmith.core.registry import Registry

PRESETS = Registry("preset", "gansmith.recipes.presets", Path(__file__).parent / "presets")
RECIPES = Registry("recipe", "gansmith.recipes.kinds", Path(__file__).parent / "kinds")
