"""What a batch of images looks like in a few numbers, cheap enough to be read all through training."""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

COARSE = 8


@torch.no_grad()
def look_of(images: Tensor) -> dict[str, float | list[float]]:
    """Range, colour, variety and fine structure of (N, C, H, W) images; of (N, D) points all but the last.

    Returns:
        ``low``, ``high``: the darkest and the brightest value.
        ``mean``, ``deviation``: of each channel, lists of C numbers.
        ``variety``: root mean square distance of two images, per value, after averaging to 8 x 8.
        ``edges``: mean absolute difference of neighbouring pixels.
        ``grid``: the mean power of the three waves of two pixels (across, down, and both) over the power at half
            their frequency: a checkerboard raises it.
    Check: equal images have a variety of 0; a checkerboard's grid exceeds white noise's, which is near 1.
    """
    x = images.float()
    coarse = adaptive_avg_pool2d(x, COARSE) if x.ndim == 4 and min(x.shape[2:]) > COARSE else x
    channels = x.transpose(0, 1).flatten(1)
    look = {
        "low": float(x.min()),
        "high": float(x.max()),
        "mean": _rounded(channels.mean(1)),
        "deviation": _rounded(channels.std(1)),
        "variety": float(2**0.5 * coarse.std(0, correction=1).square().mean().sqrt()) if len(x) > 1 else 0.0,
    }
    return look if x.ndim < 4 else look | {"edges": _edges(x), "grid": _grid(x)}


def _edges(x: Tensor) -> float:
    return float(torch.cat([x.diff(dim=2).abs().flatten(), x.diff(dim=3).abs().flatten()]).mean())


def _grid(x: Tensor) -> float:
    """Of the mean over channels; waves of two pixels over those of four."""
    height, width = (side // 4 * 4 for side in x.shape[2:])
    power = torch.fft.fft2(x.mean(1)[:, :height, :width]).abs().square().mean(0)
    y, z = height // 2, width // 2
    fine = power[y, 0] + power[0, z] + power[y, z]
    coarse = power[y // 2, 0] + power[0, z // 2] + power[y // 2, z // 2]
    return float(fine / coarse.clamp_min(1e-12))


def _rounded(values: Tensor) -> list[float]:
    return [round(float(value), 6) for value in values]
