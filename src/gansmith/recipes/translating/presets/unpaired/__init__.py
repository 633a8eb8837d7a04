"""Sets of choices of unpaired translation, under the names of their papers."""
