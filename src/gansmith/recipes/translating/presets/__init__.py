"""Named sets of choices for translation, one a file."""
