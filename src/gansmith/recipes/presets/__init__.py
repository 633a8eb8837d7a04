"""Presets: a complete set of choices for the image game, one a file."""
