"""Sets of choices of paired translation, under the names of their papers."""
