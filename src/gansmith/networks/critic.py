"""What all critics have in common: features first, then a verdict on them."""

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor, nn


class Critic(nn.Module):
    """Image and label -> logit, in two halves: ``features``, and a ``head`` that judges them.

    A family writes ``features`` and sets ``head`` (a ``Head``, or what is called like one).

    Attributes:
        auxiliary_loss: images (N, C, H, W) -> (N,), what the family lets its critic learn beside on
            real images, such as reconstructing them; None where there is nothing.
        aside: names of the parts that serve this side task alone; constraints leave them free.
    Check: critic(x, y) == critic.judge(critic.features(x, y), y).
    """

    head: Any
    auxiliary_loss: ClassVar[Callable[..., Tensor] | None] = None
    aside: ClassVar[tuple[str, ...]] = ()

    def features(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> (N, F)."""
        raise NotImplementedError

    def judge(self, features: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, F), (N,) -> logits (N,)."""
        return self.head(features, labels)

    def classify(self, features: Tensor) -> Tensor:
        """(N, F) -> (N, classes), unnormalised; only with auxiliary conditioning."""
        return self.head.classify(features)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """(N, C, H, W), (N,) -> logits (N,)."""
        return self.judge(self.features(images, labels), labels)
