"""Consistency of the critic under augmentation of real and of generated samples (bCR).

On real samples alone the critic's answer to augmentation is left free at fakes, and the generator
learns to draw the augmentations.

Source: Zhao et al. 2020, arXiv:2002.04724.
"""

from gansmith.objectives import Penalty
from gansmith.objectives.penalties.consistency import consistency_penalty

balanced_consistency = Penalty(
    consistency_penalty, at="both", extra="augmented", factor=1.0, weight=10.0, per_row=False
)
