"""Classes read off features, for images that nobody has labelled."""

import numpy as np
from torch import Tensor

from gansmith.metrics.evidence import Features
from gansmith.metrics.neighbours import nearest

NEIGHBOURS = 15


def read_labels(
    features: Features, known: Features, labels: np.ndarray, k: int = NEIGHBOURS, but: Tensor | None = None
) -> np.ndarray:
    """(n,) the class that most of the k nearest labelled rows have; of equals the one with the nearest row.

    Args:
        features: (n, d) of the images to label.
        known: (m, d) of labelled images, by the same extractor; of m < k all are asked.
        labels: (m,) integers from 0.
        but: (n,) the labelled row that an image is itself, which is not asked of it; -1 where it is none.
    Check: equals a loop over sorted distances; a labelled image gets its own label with k = 1.
    Source: Fix and Hodges 1951.
    """
    if but is None:
        asked = features.nearest(known, min(k, len(known)))[1]
    else:
        asked = nearest(features.exact, known.rows, min(k, len(known) - 1), but)[1]
    of = np.asarray(labels)[asked.numpy()]
    classes = int(np.max(labels)) + 1
    votes = (of[:, :, None] == np.arange(classes)).sum(1)
    first = np.where(votes[np.arange(len(of))[:, None], of] == votes.max(1, keepdims=True), 0, 1).argmin(1)
    return of[np.arange(len(of)), first]
