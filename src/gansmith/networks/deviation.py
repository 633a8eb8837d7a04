"""How much the images of a batch differ, as one more map that the critic sees.

Source: Karras et al. 2018, arXiv:1710.10196, section 3.
"""

import math

import torch
from torch import Tensor, nn


class BatchDeviation(nn.Module):
    """Appends the standard deviation within each group of neighbouring rows, averaged over all places.

    (N, C, H, W) -> (N, C + 1, H, W). Where the group does not divide N, the largest common divisor is
    the group; groups of one deviate by nothing.

    Args:
        group: rows that are compared with one another.
    Check: equal images give a map of 0; a row sees its own group and no other.
    """

    def __init__(self, group: int):
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        group = math.gcd(len(x), self.group)
        exact = x.float() if x.dtype == torch.bfloat16 else x  # a small difference of large numbers
        rows = exact.unflatten(0, (len(x) // group, group))
        # Not rows.var(): its backward takes longer here than the convolutions around it.
        variance = (rows - rows.mean(1, keepdim=True)).square().mean(1)
        deviation = (variance + 1e-8).sqrt().flatten(1).mean(1)
        shown = deviation.to(x.dtype).repeat_interleave(group)[:, None, None, None].expand(-1, 1, *x.shape[2:])
        return torch.cat([x, shown], 1)
