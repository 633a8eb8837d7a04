"""EfficientNet-Lite as plain convolutions: normalisation folded into the weights, nothing trainable."""

from collections.abc import Container

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE_TWO = (1, 3, 5, 11)
EPSILON = 1e-3

State = dict[str, Tensor]


def folded(state: State, convolution: str, norm: str) -> tuple[Tensor, Tensor]:
    r"""The weight and bias that do the work of a convolution and its BatchNorm at inference.

    .. math:: w' = w g, \quad b' = \beta - \mu g, \quad g = \gamma / \sqrt{\sigma^2 + \epsilon}

    Args:
        state: the published state dict.
        convolution: the convolution's prefix; it has no bias of its own.
        norm: the BatchNorm's prefix.
    Returns: (O, I, k, k) in channels-last memory and (O,), float32, computed in float64.
    Check: the folded network equals the published one to float32 rounding.
    """
    weight = state[f"{convolution}.weight"].double()
    gain = state[f"{norm}.weight"].double() / (state[f"{norm}.running_var"].double() + EPSILON).sqrt()
    bias = state[f"{norm}.bias"].double() - state[f"{norm}.running_mean"].double() * gain
    return (weight * gain[:, None, None, None]).float().to(memory_format=torch.channels_last), bias.float()


class Convolution(nn.Module):
    """A frozen convolution with TensorFlow's SAME padding for even sizes, then ReLU6 if ``active``."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, stride: int = 1, active: bool = True):
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.stride, self.active, self.size = stride, active, weight.shape[2]
        self.groups = weight.shape[0] if weight.shape[1] == 1 else 1

    def forward(self, x: Tensor) -> Tensor:
        """(N, I, H, W) -> (N, O, H / stride, W / stride)."""
        padding = (self.size - 1) // 2
        if self.stride == 2:
            before, padding = (self.size - 2) // 2, 0
            after = self.size - 2 - before
            x = F.pad(x, (before, after, before, after))
        y = F.conv2d(x, self.weight, self.bias, self.stride, padding, 1, self.groups)
        return F.hardtanh(y, 0.0, 6.0, inplace=not y.requires_grad) if self.active else y


class Block(nn.Module):
    """Inverted bottleneck: widen by 1x1 (not in the first block), depthwise, narrow by 1x1, add if shapes agree."""

    def __init__(self, state: State, index: int):
        super().__init__()
        name = f"_blocks.{index}"
        widened = f"{name}._expand_conv.weight" in state
        self.expand = Convolution(*folded(state, f"{name}._expand_conv", f"{name}._bn0")) if widened else nn.Identity()
        stride = 2 if index in STRIDE_TWO else 1
        self.depthwise = Convolution(*folded(state, f"{name}._depthwise_conv", f"{name}._bn1"), stride)
        self.project = Convolution(*folded(state, f"{name}._project_conv", f"{name}._bn2"), active=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, I, H, W) -> (N, O, H / stride, W / stride)."""
        y = self.project(self.depthwise(self.expand(x)))
        return y + x if y.shape == x.shape else y


class LiteNetwork(nn.Module):
    """EfficientNet-Lite0's trunk; it has buffers and no parameters, and draws no random numbers.

    Source: Tan and Le 2019, arXiv:1905.11946; the Lite variant has ReLU6 and no squeeze-and-excitation.
    """

    def __init__(self, state: State):
        super().__init__()
        self.stem = Convolution(*folded(state, "_conv_stem", "_bn0"), stride=2)
        self.blocks = nn.ModuleList(Block(state, index) for index in range(16))
        self.head = Convolution(*folded(state, "_conv_head", "_bn1"))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) float32, (bytes - 127) / 128, H and W multiples of 32 -> (N, 1280) pooled features."""
        assert x.shape[2] % 32 == 0 and x.shape[3] % 32 == 0, "the padding rule holds for multiples of 32"
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x).mean((2, 3))

    def taps(self, x: Tensor, after: Container[int]) -> list[Tensor]:
        """The maps that leave the blocks ``after``; x as in ``forward``."""
        assert x.shape[2] % 32 == 0 and x.shape[3] % 32 == 0, "the padding rule holds for multiples of 32"
        maps, x = [], self.stem(x)
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in after:
                maps.append(x)
        return maps
