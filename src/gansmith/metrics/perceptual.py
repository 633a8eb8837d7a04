"""How far a picture is from its truth, to a pretrained network and to the pixel."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

AT_ONCE = 100
WINDOW = 7


def perceptual_distance(extractor: Any, pictures: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """(n, H, W, C) uint8 twice -> (n,): the squared distance of unit vectors at each place of each map, averaged.

    Args:
        extractor: one that shows maps (``lite0``, ``hed``); the distance is named after it. It is not LPIPS, whose
            weights were fitted to people's votes.
    Check: 0 for equal pictures; symmetric; at most 4.
    Source: Zhang et al. 2018, arXiv:1801.03924, equation (1), with equal weights.
    """
    found = []
    for start in range(0, len(pictures), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        pairs = zip(extractor.maps(pictures[some]), extractor.maps(truths[some]), strict=True)
        found.append(torch.stack([_apart(ours, theirs) for ours, theirs in pairs]).mean(0))
    return torch.cat(found).double().numpy()


def _apart(ours: Tensor, theirs: Tensor) -> Tensor:
    ours, theirs = (maps / maps.norm(dim=1, keepdim=True).clamp_min(1e-6) for maps in (ours, theirs))
    return (ours - theirs).square().sum(1).mean((1, 2))


def psnr(pictures: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """(n, H, W, C) uint8 twice -> (n,) in dB, at most 100. Check: one grey level off everywhere gives 48.13."""
    error = np.square(pictures.astype(np.float64) - truths).mean((1, 2, 3))
    return np.minimum(100.0, 10 * np.log10(255**2 / np.maximum(error, 1e-12)))


def ssim(pictures: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """(n, H, W, C) uint8 twice, at least 7 pixels a side -> (n,): structural similarity, windows of 7 x 7.

    Check: 1 for equal pictures; equals scikit-image's with sample covariances and channels averaged.
    Source: Wang et al. 2004, IEEE TIP 13(4), equation (13).
    """
    x, y = (torch.from_numpy(np.ascontiguousarray(p)).permute(0, 3, 1, 2).double() for p in (pictures, truths))
    area = WINDOW**2

    def mean(z: Tensor) -> Tensor:
        return avg_pool2d(z, WINDOW, 1)

    mx, my = mean(x), mean(y)
    unbiased = area / (area - 1)
    vx, vy, both = ((mean(p * q) - mean(p) * mean(q)) * unbiased for p, q in ((x, x), (y, y), (x, y)))
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    value = (2 * mx * my + c1) * (2 * both + c2) / ((mx.square() + my.square() + c1) * (vx + vy + c2))
    return value.mean((1, 2, 3)).numpy()
