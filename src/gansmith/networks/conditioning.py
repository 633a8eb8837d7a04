"""How a label reaches a network: joined to the latent in G, as a projection in D."""

import torch
from torch import Tensor, nn

LABEL_FEATURES = 64
LABEL_SCALE = 0.25  # at 1 the label drowns the latent at the start: FD 722 against 543 (LOG.md)


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


class ProjectionHead(nn.Module):
    """(N, features), (N,) -> logits (N,): a linear score, plus a dot product with the class's row.

    Source: Miyato and Koyama 2018, arXiv:1802.05637, equation (3).
    """

    def __init__(self, features: int, classes: int):
        super().__init__()
        self.score = nn.Linear(features, 1)
        self.embedding = nn.Embedding(classes, features) if classes else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=features**-0.5)

    def forward(self, features: Tensor, labels: Tensor | None) -> Tensor:
        logits = self.score(features).squeeze(1)
        if self.embedding is None:
            return logits
        assert labels is not None, "a class-conditional critic needs labels"
        return logits + (self.embedding(labels) * features).sum(1)
