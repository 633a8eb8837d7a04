r"""What holds a translated picture to its truth without asking all answers to be one.

The first moment of several answers is drawn to the truth, and their spread is rewarded by just so much that answers
spread as the truths of one input do:

.. math::
    L = E\Bigl|y - \tfrac1P \sum_i \hat y_i\Bigr| - \beta\, \sqrt{\tfrac{\pi}{2 P (P - 1)}} \sum_i
    E\Bigl|\hat y_i - \tfrac1P \sum_j \hat y_j\Bigr|, \qquad \beta = \sqrt{\tfrac{2}{\pi P (P + 1)}}

Source: Bendel et al. 2023, arXiv:2210.13389, equations (9) to (12).
"""

import math

import torch
from torch import Tensor


def reconstruction(truth: Tensor, answers: list[Tensor], spread: float = 1.0) -> Tensor:
    """(N, C, H, W) and P answers of that shape -> (N,), each in units of one channel's value.

    Args:
        truth: the real answer.
        answers: P of them, for equal input and different noise; of one, the plain mean distance is taken.
        spread: times the spread's exact weight; 0: none.
    Check: for a truth from N(m, s^2) and answers from N(m', s'^2), the minimum is at m' = m and s' = s.
    """
    mean = torch.stack(answers).mean(0) if len(answers) > 1 else answers[0]
    loss = (truth - mean).abs().flatten(1).mean(1)
    count = len(answers)
    if count < 2 or not spread:
        return loss
    apart = torch.stack([(answer - mean).abs().flatten(1).mean(1) for answer in answers]).sum(0)
    return loss - spread * spread_weight(count) * math.sqrt(math.pi / (2 * count * (count - 1))) * apart


def spread_weight(count: int) -> float:
    """Of P answers. Check: sqrt(1 / (3 pi)) for two."""
    return math.sqrt(2 / (math.pi * count * (count + 1)))
