"""What goes wrong in training, one symptom a file."""
