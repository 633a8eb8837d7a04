r"""Patchwise contrast: a patch is told from the others of its picture by where it came from.

.. math::
    L = -\log \frac{\exp(q_i \cdot k_i / \tau)}{\sum_j \exp(q_i \cdot k_j / \tau)}

Source: Park et al. 2020, arXiv:2007.15651, equation (3).
"""

from torch import Tensor
from torch.nn.functional import normalize

TEMPERATURE = 0.07


def contrast(queries: Tensor, keys: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """(N, P, D) of the answer's patches and of the given picture's at the same places -> (N,).

    Check: log P where all patches are alike; near 0 where each query equals its own key and keys are orthogonal.
    """
    logits = normalize(queries, dim=-1) @ normalize(keys, dim=-1).transpose(1, 2) / temperature
    return (logits.logsumexp(2) - logits.diagonal(dim1=1, dim2=2)).mean(1)
