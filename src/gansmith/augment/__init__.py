"""What the critic is shown in place of the images."""
