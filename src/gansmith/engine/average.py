"""The running average of a player's weights, which is what gets scored and shipped."""

import copy

import torch
from torch import Tensor, nn

RAMP = 0.05


class RunningAverage:
    """Exponential moving average with a half-life in images, shorter at the start.

    The half-life is at most ``ramp`` of the images seen, so that the first weights are forgotten
    soon. Buffers are copied; batch statistics are measured anew by ``settle``.

    Args:
        module: the player that is averaged.
        halflife_images: images after which a weight's influence has halved.
        ramp: a share of the images seen.
    Check: constant weights stay as they are; after one half-life of a step change the average is half way.
    Source: Karras et al. 2019 (arXiv:1912.04958) for the ramp.
    """

    def __init__(self, module: nn.Module, halflife_images: float, ramp: float = RAMP):
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self.halflife_images, self.ramp = halflife_images, ramp

    @torch.no_grad()
    def update(self, module: nn.Module, batch: int, images_seen: int) -> None:
        """Move towards ``module`` after ``batch`` more images."""
        halflife = max(min(self.halflife_images, self.ramp * images_seen), 1e-8)
        weight = 1 - 0.5 ** (batch / halflife)
        lerp = torch._foreach_lerp_  # pyright: ignore[reportPrivateImportUsage]
        lerp(list(self.module.parameters()), list(module.parameters()), weight)
        for kept, seen in zip(self.module.buffers(), module.buffers(), strict=True):
            kept.copy_(seen)

    @torch.no_grad()
    def settle(self, batches: list[tuple[Tensor, Tensor | None]]) -> nn.Module:
        """A copy whose batch statistics are those of the averaged weights on the given inputs.

        The statistics that training leaves behind belong to the last weights, not to their average.
        Source: Izmailov et al. 2018, arXiv:1803.05407, section 3.2.
        """
        settled = copy.deepcopy(self.module)
        norms = [m for m in settled.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        if not norms:
            return settled
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
        settled.train()
        for z, labels in batches:
            settled(z, labels)
        return settled.eval()
