r"""The evidence lower bound's two terms, per sample.

.. math:: -\mathrm{ELBO}(x) = -E_{q(z|x)}[\log p(x|z)] + \beta\, KL(q(z|x) \,\|\, N(0, I))

Source: Kingma and Welling 2014, arXiv:1312.6114, equation (10); Higgins et al. 2017 (beta); Kingma et al.
2016, arXiv:1606.04934, appendix C.8 (free bits); Rybkin et al. 2021, arXiv:2006.13202 (the best variance).
"""

import math

from torch import Tensor


def divergence_from_prior(mean: Tensor, log_variance: Tensor, free_nats: float = 0.0) -> Tensor:
    r"""KL of N(mean, diag(exp(log_variance))) from N(0, I).

    Args:
        mean, log_variance: (N, Z).
        free_nats: each latent's batch mean below this is not pressed further down, so that no latent
            is given up early; the term is then constant there.
    Returns: (N,).
    Check: 0 for the prior itself; Z/2 (s^2 + m^2 - 1 - log s^2) in general.
    """
    nats = (log_variance.exp() + mean.square() - 1 - log_variance) / 2
    if free_nats == 0:
        return nats.sum(1)
    used = nats.mean(0).detach() > free_nats
    return (nats * used + free_nats * ~used).sum(1)


def gaussian_surprise(x: Tensor, reconstruction: Tensor) -> Tensor:
    r"""-log N(x; reconstruction, s^2 I), with the one variance s^2 that fits the batch best.

    That variance is the batch's mean squared error. Being the minimum, it adds nothing to the gradient,
    so it is taken as a constant.

    Args:
        x, reconstruction: (N, ...).
    Returns: (N,), in nats.
    Check: the mean is D/2 (1 + log(2 pi s^2)); no other variance gives less.
    """
    error = (x - reconstruction).square().flatten(1)
    variance = error.detach().mean().clamp_min(1e-8)
    return (error / variance).sum(1) / 2 + error.shape[1] / 2 * (2 * math.pi * variance).log()
