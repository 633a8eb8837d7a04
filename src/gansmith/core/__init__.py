"""What every room stands on: errors, types, registry, randomness, files, turns."""
