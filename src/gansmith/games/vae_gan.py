"""The hybrid: an autoencoder whose images a critic judges, and whose errors the critic's features measure."""

from typing import Any

import torch
from torch import Tensor, nn

from gansmith.core.turns import Step
from gansmith.games.adversarial import Adversarial, Augment, Rules
from gansmith.games.variational import Bound, encoded
from gansmith.networks.autoencoder import Autoencoder
from gansmith.objectives.variational import gaussian_surprise


class VaeGan(Adversarial):
    """Two players: the critic, and encoder and generator as one.

    The generator draws from the prior against the critic as in any adversarial game; beside that the
    autoencoder is to give each real image back, as the critic's features see it.

    Args:
        autoencoder: its generator is what is shown.
        critic: gives ``features``.
        rules: of the adversarial part.
        bound: of the variational part.
        weight: of the bound, per feature, beside the adversarial side.
        augment, alter: as in the adversarial game.
    Source: Larsen et al. 2016, arXiv:1512.09300, algorithm 1; there the critic is shown reconstructions too,
        here it judges drawn images only.
    """

    def __init__(
        self,
        autoencoder: Autoencoder,
        critic: nn.Module,
        rules: Rules,
        bound: Bound,
        weight: float = 1.0,
        augment: Augment | None = None,
        alter: Augment | None = None,
    ):
        super().__init__(autoencoder.generator, critic, rules, augment, alter)
        self.players = {"critic": critic, "autoencoder": autoencoder}
        self.autoencoder, self.bound, self.weight = autoencoder, bound, weight
        self.turns = self._order("autoencoder")

    def generator_loss(self, step: Step) -> Tensor:
        """(N,): the adversarial side, plus the weighted bound in the critic's features."""
        adversarial = super().generator_loss(step)
        critic: Any = self.critic
        again, divergence = encoded(self.autoencoder, self.bound, step)
        with torch.no_grad():
            seen = critic.features(step.real, step.labels).to(step.real.dtype)
        surprise = gaussian_surprise(seen, critic.features(again, step.labels).to(step.real.dtype))
        step.note(reconstruction=surprise.mean(), squared_error=(step.real - again).square().mean())
        return adversarial + self.weight * (surprise + divergence) / seen.shape[1]
