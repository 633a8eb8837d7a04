"""Terms that keep the critic smooth, one a file."""
