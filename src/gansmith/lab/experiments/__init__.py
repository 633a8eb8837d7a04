"""Experiments, one a file: a few rows of theory beside measurement, and pictures of what happens."""
