"""Copies: the share of images that lie beside one training image as new real images hardly ever do."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gansmith.metrics._images import greys
from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric

HEALTHY = 0.01
NEIGHBOUR = 5
LARGEST = 32
CALIBRATING = 2000
AT_ONCE, QUERIES = 2048, 512
SHIFTS = [(down, right) for down in (0, 1, 2) for right in (0, 1, 2)]


def compute(evidence: Evidence) -> dict[str, Estimate]:
    r"""``copies``, in [0, 1], with Wilson's interval; near 0.01 for new images like real ones.

    An image x is counted when it is nearer to one training image than to others as only one in a hundred
    of the held-out real images (the first 2,000) is:

    .. math:: \rho(x) = d_1(x) / d_5(x) < \text{the 1 % quantile of } \rho \text{ over real images}

    with d_k the distance to the k-th nearest training image, in grey levels: images larger than 32 px are
    averaged to 32, and the distance is the least over shifts by one pixel, the outermost pixels left out.
    So recompression, slight noise and a shift hide no copy; mirroring does. The products are in float32.

    Check: copies get 1; so do copies shifted by a pixel; of real images one in a hundred is counted.
    Source: the ratio to the next neighbours is that of Carlini et al. 2023, arXiv:2301.13188, section 4.2.
    """
    assert evidence.generated_images is not None and evidence.real_images is not None
    assert evidence.training_images is not None
    line = closeness(evidence.real_images[:CALIBRATING], evidence.training_images).quantile(HEALTHY)
    ours = closeness(evidence.generated_images, evidence.training_images)
    return {"copies": Estimate.share(int((ours < line).sum()), len(ours))}


def closeness(images: np.ndarray, training: np.ndarray) -> Tensor:
    """(n,) float64 distance of each image to the nearest training image over that to the 5th nearest.

    Check: 0 for a copy, 1 where the five nearest are as far; equals NumPy's distances of all crops.
    """
    found = torch.full((len(images), NEIGHBOUR), torch.inf)
    for start in range(0, len(training), AT_ONCE):
        others = cropped(small_greys(training[start : start + AT_ONCE]), (1, 1))
        others = torch.cat([others, others.square().sum(1, keepdim=True), torch.ones(len(others), 1)], 1)
        for at in range(0, len(images), QUERIES):
            rows = slice(at, at + QUERIES)
            distances = shifted_distances(small_greys(images[rows]), others)
            found[rows] = torch.cat([found[rows], distances], 1).topk(NEIGHBOUR, 1, largest=False).values
    return (found[:, 0] / found[:, -1].clamp(min=1e-12)).double().sqrt()


def small_greys(images: np.ndarray) -> Tensor:
    """(n, H, W, C) uint8 -> (n, h, w) float32 in -0.5..0.5, h and w at most 32, by averaging."""
    levels = torch.from_numpy(greys(np.asarray(images))).float().div_(255).sub_(0.5)
    return adaptive_avg_pool2d(levels, (min(images.shape[1], LARGEST), min(images.shape[2], LARGEST)))


def cropped(images: Tensor, corner: tuple[int, int]) -> Tensor:
    """(n, (h - 2) (w - 2)) with its corner at one of nine places."""
    height, width = (side - 2 for side in images.shape[1:])
    return images[:, corner[0] : corner[0] + height, corner[1] : corner[1] + width].flatten(1)


def shifted_distances(images: Tensor, others: Tensor) -> Tensor:
    """(n, m) least squared distance of images, cropped at all nine places, to others.

    Args:
        images: (n, h, w).
        others: (m, (h - 2) (w - 2) + 2): cropped, then their squared length and a one, so that a matrix
            product gives the whole distance.
    """
    least = torch.full((len(images), len(others)), torch.inf)
    for corner in SHIFTS:
        here = cropped(images, corner)
        here = torch.cat([-2 * here, torch.ones(len(here), 1), here.square().sum(1, keepdim=True)], 1)
        torch.minimum(least, here @ others.T, out=least)
    return least.clamp_(min=0)


def _refuses(evidence: Evidence) -> str | None:
    assert evidence.generated_images is not None and evidence.training_images is not None
    if min(evidence.generated_images.shape[1:3]) < 4:
        return "images below 4x4 are too small to be shifted"
    few = len(evidence.training_images)
    return f"{few} training images are too few; it needs at least {NEIGHBOUR}" if few < NEIGHBOUR else None


copies = Metric(
    compute=compute,
    reads=("generated_images", "real_images", "training_images"),
    better={"copies": "lower"},
    fewest=20,
    refuses=_refuses,
)
