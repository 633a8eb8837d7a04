"""A generator with an encoder in front of it, for variational games."""

import torch
from torch import Tensor, nn

from gansmith.networks import create_critic, create_generator
from gansmith.networks.critic import Critic


class Encoder(nn.Module):
    """(N, C, H, W), (N,) -> mean and log variance, (N, latent) each: a critic's features and a linear layer.

    The trunk is told the label, so that the latent need not carry it. Its verdict is in the weights' own precision, as
    a critic's is: the divergence is a small difference of large numbers.
    """

    def __init__(self, trunk: Critic, features: int, latent: int):
        super().__init__()
        self.trunk = trunk
        self.to_latent = nn.Linear(features, 2 * latent)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        seen = self.trunk.features(images, labels)
        with torch.autocast(images.device.type, enabled=False):
            mean, log_variance = self.to_latent(seen.to(self.to_latent.weight.dtype)).chunk(2, 1)
        return mean, log_variance.clamp(-20, 20)


class Autoencoder(nn.Module):
    """Encoder and generator of one family.

    Args:
        family: the networks' name.
        generator_arguments: as ``create_generator`` takes them.
        width: channels of the encoder's finest stage.
    """

    def __init__(self, family: str, generator_arguments: dict, width: int):
        super().__init__()
        self.generator = create_generator(family, **generator_arguments)
        shape = {key: generator_arguments[key] for key in ("resolution", "channels", "classes")}
        trunk = create_critic(family, **shape, width=width, conditioning="concatenation")
        height, width_px = shape["resolution"]
        labels = torch.zeros(2, dtype=torch.int64) if shape["classes"] else None
        with torch.no_grad():
            features = trunk.features(torch.zeros(2, shape["channels"], height, width_px), labels).shape[1]
        trunk.head = nn.Identity()  # the verdict is not asked for
        self.encoder = Encoder(trunk, features, generator_arguments["latent"])

    def forward(self, images: Tensor, noise: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Images and N(0, I) noise (N, latent) -> reconstruction, mean, log variance."""
        mean, log_variance = self.encoder(images, labels)
        again = self.generator(mean + noise * (log_variance / 2).exp(), labels)
        return again.to(images.dtype), mean, log_variance
