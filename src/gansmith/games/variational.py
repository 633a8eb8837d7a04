"""The one-player game of the variational autoencoder: encode, draw, decode, and be surprised by little."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gansmith.core import randomness
from gansmith.core.turns import Shown, Step, Turn
from gansmith.networks.autoencoder import Autoencoder
from gansmith.objectives.variational import divergence_from_prior, gaussian_surprise


@dataclass(frozen=True, kw_only=True)
class Bound:
    """How the evidence lower bound is weighed.

    Attributes:
        latent: length of z.
        beta: weight of the divergence from the prior.
        free_nats: what each latent may use without paying.
    """

    latent: int
    beta: float = 1.0
    free_nats: float = 0.0


def encoded(autoencoder: Autoencoder, bound: Bound, step: Step) -> tuple[Tensor, Tensor]:
    """The reconstruction, and the weighted divergence (N,), of the step's real images."""
    noise = randomness.normal((len(step.real), bound.latent), step.seed, "encoder-noise", step.index)
    again, mean, log_variance = autoencoder(step.real, noise.to(step.real.device), step.labels)
    divergence = divergence_from_prior(mean, log_variance, bound.free_nats)
    step.note(divergence=divergence.mean())
    return again, bound.beta * divergence


class Variational:
    """One player, encoder and generator together; the generator alone is what is shown.

    Source: Kingma and Welling 2014, arXiv:1312.6114.
    """

    def __init__(self, autoencoder: Autoencoder, bound: Bound):
        self.players: dict[str, nn.Module] = {"autoencoder": autoencoder}
        self.shown = autoencoder.generator
        self.autoencoder, self.bound = autoencoder, bound
        self.turns = [Turn("autoencoder", self.loss)]

    def loss(self, step: Step) -> Tensor:
        """(N,): minus the evidence lower bound, per pixel value so that rates are like those of other games."""
        again, divergence = encoded(self.autoencoder, self.bound, step)
        surprise = gaussian_surprise(step.real, again)
        step.note(reconstruction=surprise.mean(), squared_error=(step.real - again).square().mean())
        return (surprise + divergence) / step.real[0].numel()

    @torch.no_grad()
    def tell(self, shown: Shown) -> dict[str, Tensor]:
        """``train_error`` and ``held_error``: mean squared, of images given back from the middle of their codes."""
        told = {"train_error": self._error(shown.train, shown.train_labels)}
        return told if shown.held is None else told | {"held_error": self._error(shown.held, shown.held_labels)}

    def _error(self, images: Tensor, labels: Tensor | None) -> Tensor:
        still = images.new_zeros(len(images), self.bound.latent)
        return (self.autoencoder(images, still, labels)[0] - images).square().mean()
