"""Recipes, one a file: what is trained."""
