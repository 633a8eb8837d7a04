"""What votes amount to: pure functions on arrays, one idea a file."""
