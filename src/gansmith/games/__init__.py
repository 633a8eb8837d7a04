"""Games: who plays, in which order, on which loss."""
