"""Recipes that make one picture of another."""

from pathlib import Path

from gansmith.core.registry import Registry


def _presets(kind: str) -> Registry:
    return Registry("preset", f"{__name__}.presets.{kind}", Path(__file__).parent / "presets" / kind)


PAIRED_PRESETS, UNPAIRED_PRESETS = _presets("paired"), _presets("unpaired")
