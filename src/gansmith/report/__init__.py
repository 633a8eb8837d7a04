"""Pages and model cards, written from a run folder and nothing else."""
