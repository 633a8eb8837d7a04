"""Inception-v3 as of 2015-12-05, as plain convolutions: normalisation folded into the weights, nothing trainable."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, max_pool2d

from gansmith.networks.extractors._lite_network import State, folded

# A block is branches side by side, a branch is steps in a row. A step is a convolution by its name in
# the weight file, a pooling, or a pair of convolutions whose maps are put side by side. "/2" halves
# without padding; all else keeps the size.
Step = str | tuple[str, str]
Branches = tuple[tuple[Step, ...], ...]

STEM = ("Conv2d_1a_3x3/2", "Conv2d_2a_3x3/1", "Conv2d_2b_3x3", "max/2", "Conv2d_3b_1x1", "Conv2d_4a_3x3/1", "max/2")

A: Branches = (
    ("branch1x1",),
    ("branch5x5_1", "branch5x5_2"),
    ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"),
    ("mean", "branch_pool"),
)
B: Branches = (("branch3x3/2",), ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3/2"), ("max/2",))
C: Branches = (
    ("branch1x1",),
    ("branch7x7_1", "branch7x7_2", "branch7x7_3"),
    ("branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"),
    ("mean", "branch_pool"),
)
D: Branches = (
    ("branch3x3_1", "branch3x3_2/2"),
    ("branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4/2"),
    ("max/2",),
)
E: Branches = (
    ("branch1x1",),
    ("branch3x3_1", ("branch3x3_2a", "branch3x3_2b")),
    ("branch3x3dbl_1", "branch3x3dbl_2", ("branch3x3dbl_3a", "branch3x3dbl_3b")),
    ("mean", "branch_pool"),
)
LAST: Branches = (*E[:3], ("max", "branch_pool"))

MIXED = {"5b": A, "5c": A, "5d": A, "6a": B, "6b": C, "6c": C, "6d": C, "6e": C, "7a": D, "7b": E, "7c": LAST}


class Convolution(nn.Module):
    """A frozen convolution with its normalisation and ReLU.

    Args:
        state: the published state dict.
        name: of the convolution in it; with ``/STRIDE`` nothing is padded, without it the size is kept.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, state: State, name: str):
        super().__init__()
        name, _, stride = name.partition("/")
        weight, bias = folded(state, f"{name}.conv", f"{name}.bn")
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.stride = int(stride or 1)
        self.padding = (0, 0) if stride else (weight.shape[2] // 2, weight.shape[3] // 2)

    def forward(self, x: Tensor) -> Tensor:
        return conv2d(x, self.weight, self.bias, self.stride, self.padding).relu_()


class Pool(nn.Module):
    """3x3 pooling without weights."""

    def __init__(self, pool: Callable[[Tensor], Tensor]):
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(x)


POOLS: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": lambda x: avg_pool2d(x, 3, 1, 1, count_include_pad=False),  # the graph of 2015 counts no padding
    "max": lambda x: max_pool2d(x, 3, 1, 1),
    "max/2": lambda x: max_pool2d(x, 3, 2),
}


class Beside(nn.Module):
    """Several ways from one map, their maps put side by side."""

    def __init__(self, *ways: nn.Module):
        super().__init__()
        self.ways = nn.ModuleList(ways)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([way(x) for way in self.ways], 1)


class InceptionNetwork(nn.Module):
    """The trunk; it has buffers and no parameters, and draws no random numbers.

    Its average pooling counts no padding, and its last block pools by maximum: both are of this file
    of weights, not of the paper.

    Source: Szegedy et al. 2015, arXiv:1512.00567; names as in pt_inception-2015-12-05-6726825d.pth.
    """

    def __init__(self, state: State):
        super().__init__()

        def step(name: Step, prefix: str) -> nn.Module:
            if isinstance(name, tuple):
                return Beside(*(step(one, prefix) for one in name))
            return Pool(POOLS[name]) if name in POOLS else Convolution(state, prefix + name)

        def mixed(block: str, branches: Branches) -> nn.Module:
            prefix = f"Mixed_{block}."
            return Beside(*(nn.Sequential(*(step(name, prefix) for name in branch)) for branch in branches))

        self.stem = nn.Sequential(*(step(name, "") for name in STEM))
        self.blocks = nn.Sequential(*(mixed(block, branches) for block, branches in MIXED.items()))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 299, 299) float32, (bytes - 128) / 128 -> (N, 2048) pooled features."""
        return self.blocks(self.stem(x.contiguous(memory_format=torch.channels_last))).mean((2, 3))
