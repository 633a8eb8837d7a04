"""Network families, one a file; each file holds a Family of its own name."""
