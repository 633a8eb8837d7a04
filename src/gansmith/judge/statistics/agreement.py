"""Do the raters see the same? Krippendorff's alpha.

Not Fleiss' kappa: that needs every picture rated by the same number of raters, and here each rater sees a part of the
pictures, and some leave early. Alpha takes any number of votes on a picture and leaves out those with one vote.
"""

import numpy as np


def krippendorff_alpha(counts: np.ndarray) -> float:
    r"""Agreement beyond chance on nominal answers: 1 is perfect, 0 is chance, below 0 is opposition.

    .. math:: \alpha = 1 - D_o / D_e

    Args:
        counts: (items, answers), how many raters gave each answer to each item.
    Returns: NaN where no item has two votes, or all votes are the same answer.
    Check: the textbook's example of four raters and twelve items (Krippendorff 2011, part C) gives 0.743; votes at
        random give 0 on average; raters who agree give 1.
    Source: Krippendorff 2011, Computing Krippendorff's alpha-reliability.
    """
    return float(_alpha(counts[None], np.ones((1, len(counts))))[0])


def resampled_alpha(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(B,) alphas with item i counted weights[b, i] times; the disagreement by chance stays that of all votes.

    Check: with weights of one it is krippendorff_alpha.
    """
    return _alpha(counts[None], weights)


def _alpha(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    votes = counts.sum(-1)
    paired = votes > 1
    counts, votes = np.where(paired[..., None], counts, 0), np.where(paired, votes, 0)
    total = votes.sum()
    answers = counts.sum((0, 1))
    expected = (total**2 - (answers**2).sum()) / max(total * (total - 1), 1)
    if total < 2 or expected == 0:
        return np.full(len(weights), np.nan)
    apart = (votes**2 - (counts**2).sum(-1)) / np.maximum(votes - 1, 1)
    drawn = (weights * votes).sum(-1)
    observed = np.divide((weights * apart).sum(-1), drawn, out=np.full(len(weights), np.nan), where=drawn > 0)
    return 1 - observed / expected
