"""Data sets that have a name: one file each, fetched or drawn when first used."""

from pathlib import Path

from gansmith.core.registry import Registry

SOURCES = Registry("data set", "gansmith.data.sources", Path(__file__).parent)
