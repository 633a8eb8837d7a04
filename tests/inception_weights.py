"""Random weights in the names and shapes of pt_inception-2015-12-05-6726825d.pth."""

from collections.abc import Iterator
from functools import cache

import torch

Shape = tuple[str, int, int, int, int]


def shapes() -> Iterator[Shape]:
    """Every convolution: name, channels out and in, height and width of its kernel."""
    yield from (("Conv2d_1a_3x3", 32, 3, 3, 3), ("Conv2d_2a_3x3", 32, 32, 3, 3), ("Conv2d_2b_3x3", 64, 32, 3, 3))
    yield from (("Conv2d_3b_1x1", 80, 64, 1, 1), ("Conv2d_4a_3x3", 192, 80, 3, 3))
    for block, before, pool in (("5b", 192, 32), ("5c", 256, 64), ("5d", 288, 64)):
        yield f"Mixed_{block}.branch1x1", 64, before, 1, 1
        yield from _row(block, "branch5x5_{}", before, (48, 1, 1), (64, 5, 5))
        yield from _row(block, "branch3x3dbl_{}", before, (64, 1, 1), (96, 3, 3), (96, 3, 3))
        yield f"Mixed_{block}.branch_pool", pool, before, 1, 1
    yield "Mixed_6a.branch3x3", 384, 288, 3, 3
    yield from _row("6a", "branch3x3dbl_{}", 288, (64, 1, 1), (96, 3, 3), (96, 3, 3))
    for block, c in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        yield f"Mixed_{block}.branch1x1", 192, 768, 1, 1
        yield from _row(block, "branch7x7_{}", 768, (c, 1, 1), (c, 1, 7), (192, 7, 1))
        yield from _row(block, "branch7x7dbl_{}", 768, (c, 1, 1), (c, 7, 1), (c, 1, 7), (c, 7, 1), (192, 1, 7))
        yield f"Mixed_{block}.branch_pool", 192, 768, 1, 1
    yield from _row("7a", "branch3x3_{}", 768, (192, 1, 1), (320, 3, 3))
    yield from _row("7a", "branch7x7x3_{}", 768, (192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3))
    for block, before in (("7b", 1280), ("7c", 2048)):
        yield f"Mixed_{block}.branch1x1", 320, before, 1, 1
        yield f"Mixed_{block}.branch3x3_1", 384, before, 1, 1
        yield from _row(block, "branch3x3dbl_{}", before, (448, 1, 1), (384, 3, 3))
        for pair in ("branch3x3_2", "branch3x3dbl_3"):
            yield f"Mixed_{block}.{pair}a", 384, 384, 1, 3
            yield f"Mixed_{block}.{pair}b", 384, 384, 3, 1
        yield f"Mixed_{block}.branch_pool", 192, before, 1, 1


def _row(block: str, name: str, before: int, *kernels: tuple[int, int, int]) -> Iterator[Shape]:
    for place, (out, height, width) in enumerate(kernels, 1):
        yield f"Mixed_{block}.{name.format(place)}", out, before, height, width
        before = out


@cache
def inception_state() -> dict[str, torch.Tensor]:
    """A state dict; each map keeps about the size of its input."""
    made = torch.Generator().manual_seed(0)
    state = {}
    for name, out, before, height, width in shapes():
        weight = torch.randn(out, before, height, width, generator=made)
        state[f"{name}.conv.weight"] = weight * (2 / (before * height * width)) ** 0.5
        state[f"{name}.bn.weight"] = 1 + 0.1 * torch.randn(out, generator=made)
        state[f"{name}.bn.bias"] = 0.1 * torch.randn(out, generator=made)
        state[f"{name}.bn.running_mean"] = 0.1 * torch.randn(out, generator=made)
        state[f"{name}.bn.running_var"] = 1 + 0.1 * torch.rand(out, generator=made)
    return state
