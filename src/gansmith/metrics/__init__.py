"""How far generated images are from real ones: one metric a file, each on features alone."""
