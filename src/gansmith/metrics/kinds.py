"""Kinds of images without labels: clusters of real features, by Lloyd's rule."""

import torch
from torch import Tensor

from gansmith.core.randomness import generator
from gansmith.metrics.neighbours import squared_distances

MOST_KINDS, ROWS_A_KIND, ROUNDS = 20, 25, 30


def kinds_of(features: Tensor, seed: int = 0) -> Tensor:
    """(m, d) -> (m,) int64, the cluster of each row: one for every 25 rows, at most 20.

    Check: well separated heaps are told apart; equal calls give equal kinds.
    Source: Lloyd 1982; the first centres as in Arthur and Vassilvitskii 2007 (k-means++).
    """
    count = max(1, min(MOST_KINDS, len(features) // ROWS_A_KIND))
    draw = generator(seed, "kinds")
    centres = features[:1]
    for _ in range(count - 1):
        apart = squared_distances(features, centres).amin(1)
        chosen = torch.multinomial(apart + 1e-12, 1, generator=draw)
        centres = torch.cat([centres, features[chosen]])
    kinds = torch.zeros(len(features), dtype=torch.long)
    for _ in range(ROUNDS):
        kinds = squared_distances(features, centres).argmin(1)
        sums = torch.zeros_like(centres).index_add_(0, kinds, features)
        sizes = torch.bincount(kinds, minlength=count)[:, None]
        centres = torch.where(sizes > 0, sums / sizes.clamp_min(1), centres)
    return kinds


def shares_over_real(nearest_kinds: Tensor, kinds: Tensor) -> list[float]:
    """By kind: how often it is drawn over how often it is real; 1 where both are equal, 0 where it is never drawn.

    Args:
        nearest_kinds: (n,) the kind of the real row nearest to each generated one.
        kinds: (m,) of the real rows.
    """
    real = torch.bincount(kinds).double()
    drawn = torch.bincount(nearest_kinds, minlength=len(real)).double()
    ratio = (drawn / drawn.sum()) / (real / real.sum()).clamp_min(1e-12)
    return [round(float(one), 4) for one in ratio]
