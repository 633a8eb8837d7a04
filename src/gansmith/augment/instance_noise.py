"""Instance noise: Gaussian noise on what the critic sees, fading out over the first steps.

Source: Arjovsky and Bottou 2017, arXiv:1701.04862, section 3; Soenderby et al. 2017, arXiv:1610.04490.
"""

import torch
from torch import Tensor

from gansmith.core import randomness


class InstanceNoise:
    """Adds noise whose standard deviation falls linearly from ``sigma`` to 0 at step ``steps``.

    Args:
        sigma: at the first step, on images in [-1, 1].
        steps: until it is gone.
    Check: at ``steps`` the images are returned as they are; halfway its standard deviation is half of sigma.
    """

    def __init__(self, sigma: float, steps: int = 10_000):
        self.sigma, self.steps = sigma, steps

    def __call__(self, images: Tensor, seed: int, purpose: str, step: int) -> Tensor:
        """(N, C, H, W) -> the same shape; a function of the arguments alone."""
        sigma = self.sigma * max(0.0, 1 - step / self.steps)
        if sigma == 0:
            return images
        noise = randomness.normal(tuple(images.shape), seed, f"instance-noise-{purpose}", step)
        return torch.add(images, noise.to(images), alpha=sigma)
