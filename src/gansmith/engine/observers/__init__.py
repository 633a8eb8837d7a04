"""What watches a training, one observer a file."""
