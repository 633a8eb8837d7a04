"""How a label reaches a network: joined to what goes in, in a normalisation, or compared with what comes out.

A generator offers "concatenation" (with the latent) and, where it has batch normalisation,
"normalisation". A critic offers "projection", "concatenation" (a further input map) and "auxiliary"
(it sees no label, and predicts it beside its logit).
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gansmith.core.errors import InputError

GENERATOR_CONDITIONINGS = ("concatenation", "normalisation")
CRITIC_CONDITIONINGS = ("projection", "concatenation", "auxiliary")
LABEL_FEATURES = 64
LABEL_SCALE = 0.25  # at 1 the label drowns the latent at the start: FD 722 against 543 (LOG.md)
MAP_SCALE = 0.5  # about an image's own spread


def check_offered(network: str, player: str, conditioning: str, offered: tuple[str, ...]) -> None:
    """Raises: InputError: when the network's player takes its labels in another way."""
    if conditioning in offered:
        return
    if conditioning == "normalisation" and player == "generator":
        reason = "has no batch normalisation that could carry the label"
    else:
        reason = f"knows no conditioning {conditioning!r}"
    raise InputError(f"the {player} of {network!r} {reason}; choose {' or '.join(offered)}")


def joined_and_normalised(classes: int, conditioning: str) -> tuple[int, int]:
    """Classes that come in with the latent, and classes that come in with the normalisation: one of them is 0."""
    assert conditioning in GENERATOR_CONDITIONINGS
    return (classes, 0) if conditioning == "concatenation" else (0, classes)


class LabelledLatent(nn.Module):
    """Appends a learned class embedding to the latent; the latent alone without classes.

    (N, latent), (N,) -> (N, features) with ``features = latent + 64``, or latent when classes is 0.
    """

    def __init__(self, latent: int, classes: int):
        super().__init__()
        self.embedding = nn.Embedding(classes, LABEL_FEATURES) if classes else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=LABEL_SCALE)
        self.features = latent + (LABEL_FEATURES if classes else 0)

    def forward(self, z: Tensor, labels: Tensor | None) -> Tensor:
        if self.embedding is None:
            return z
        assert labels is not None, "a class-conditional network needs labels"
        return torch.cat([z, self.embedding(labels)], 1)


class LabelMap(nn.Module):
    """Appends one learned map of the class to other maps; the maps alone without classes.

    (N, C, H, W), (N,) -> (N, C + channels, H, W). The map is learned at the size ``base`` and enlarged
    to nearest, so that it costs a class a few weights at any resolution.

    Source: Mirza and Osindero 2014, arXiv:1411.1784.
    """

    def __init__(self, classes: int, base: tuple[int, int]):
        super().__init__()
        self.base, self.channels = base, 1 if classes else 0
        self.embedding = nn.Embedding(classes, base[0] * base[1]) if classes else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=MAP_SCALE)

    def forward(self, x: Tensor, labels: Tensor | None) -> Tensor:
        if self.embedding is None:
            return x
        assert labels is not None, "a class-conditional critic needs labels"
        maps = self.embedding(labels).unflatten(1, (1, *self.base))
        return torch.cat([x, interpolate(maps, (x.shape[2], x.shape[3]))], 1)


class Head(nn.Module):
    """(N, features), (N,) -> logits (N,): a linear score, and what ``conditioning`` adds to it.

    In the weights' own precision, also where the features come in bfloat16: two logits are told apart by their
    difference, which eight bits would make coarse.

    Args:
        features: their number.
        classes: number of labels, 0 for none.
        conditioning: "projection" adds the dot product with the class's row; "auxiliary" lets
            ``classify`` predict the class; "concatenation" adds nothing, the features know the label.
    Source: Miyato and Koyama 2018, arXiv:1802.05637, equation (3); Odena et al. 2017, arXiv:1610.09585.
    """

    def __init__(self, features: int, classes: int, conditioning: str = "projection"):
        assert conditioning in CRITIC_CONDITIONINGS
        super().__init__()
        self.score = nn.Linear(features, 1)
        self.embedding = nn.Embedding(classes, features) if classes and conditioning == "projection" else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=features**-0.5)
        self.classifier = nn.Linear(features, classes) if classes and conditioning == "auxiliary" else None

    def forward(self, features: Tensor, labels: Tensor | None) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            features = features.to(self.score.weight.dtype)
            logits = self.score(features).squeeze(1)
            if self.embedding is None:
                return logits
            assert labels is not None, "a class-conditional critic needs labels"
            return logits + (self.embedding(labels) * features).sum(1)

    def classify(self, features: Tensor) -> Tensor:
        """(N, features) -> unnormalised log-probabilities of the classes (N, classes)."""
        assert self.classifier is not None, "only a critic with auxiliary conditioning predicts classes"
        with torch.autocast(features.device.type, enabled=False):
            return self.classifier(features.to(self.classifier.weight.dtype))
