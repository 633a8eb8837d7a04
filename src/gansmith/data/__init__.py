"""From what the user has to prepared uint8 images: index, decode, fit, find duplicates, split, keep."""
