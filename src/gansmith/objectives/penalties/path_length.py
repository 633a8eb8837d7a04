r"""Path length: a step of fixed size in the latents changes the images by a fixed amount.

.. math:: \left( \lVert J^T y \rVert_2 - a \right)^2, \qquad J = \frac{\partial G(z)}{\partial z}, \qquad
    y \sim N\left(0, \tfrac{1}{H W} I\right)

StyleGAN2 keeps a as a running mean of the lengths. Ours is stateless: a is the batch's own mean, taken as
constant, so that the mean value is the variance of the lengths in the batch. A step of training then
follows from its weights and its draws alone. It is noisier in small batches.

Source: Karras et al. 2020, arXiv:1912.04958, equation (4).
"""

import math

import torch
from torch import Tensor

from gansmith.objectives import Penalty


def path_length_penalty(generator, z: Tensor, images: Tensor, noise: Tensor) -> Tensor:
    """(N,), unweighted.

    Args:
        generator: the function that made the images; it is not called again.
        z: (N, Z), requiring grad.
        images: (N, C, H, W), generator(z).
        noise: like the images, from N(0, I); scaled by 1 / sqrt(H W) here, so that one weight
            serves every resolution; the authors' 2 is for that scale.
    Raises: ValueError: if the noise is not like the images.
    Check: 0 where all lengths are equal, as of a linear generator with one y for all rows.
    """
    if noise.shape != images.shape:
        raise ValueError(f"noise must be {tuple(images.shape)}, like the images, not {tuple(noise.shape)}")
    y = noise / math.sqrt(images.shape[2] * images.shape[3])
    (pulled_back,) = torch.autograd.grad((images * y).sum(), z, create_graph=True)
    lengths = torch.linalg.vector_norm(pulled_back.flatten(1), dim=1)  # of zeros it has the derivative 0
    return (lengths - lengths.mean().detach()).square()


path_length = Penalty(path_length_penalty, at="latents", extra="noise", factor=1.0, weight=2.0, per_row=False)
