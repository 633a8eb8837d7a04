"""Copies: the share of images that lie beside one training image as new real images hardly ever do."""

from hashlib import blake2b

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gansmith.core.errors import InputError
from gansmith.metrics._images import greys, parts
from gansmith.metrics.evidence import Evidence, Images
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
    of the held-out real images (2,000 of them, evenly spaced) is:

    .. math:: \rho(x) = d_1(x) / d_5(x) < \text{the 1 % quantile of } \rho \text{ over real images}

    with d_k the distance to the k-th nearest training image, in grey levels: images larger than 32 px are
    averaged to 32, and the distance is the least over shifts by one pixel, the outermost pixels left out.
    So recompression, slight noise and a shift hide no copy; mirroring does. Of training images that are
    exactly alike so, one is kept, or d_5 would be as near as d_1 for the very images that are copied
    most. The training images are read in blocks. The products are in float32.

    Raises: InputError: fewer than five different training images.
    Check: copies get 1; so do copies shifted by a pixel, and of images that training holds often; of real
        images one in a hundred is counted.
    Source: the ratio to the next neighbours is that of Carlini et al. 2023, arXiv:2301.13188, section 4.2.
    """
    assert evidence.generated_images is not None and evidence.real_images is not None
    assert evidence.training_images is not None
    training = evidence.once(different, evidence.training_images)
    ours = closeness(small_greys(evidence.generated_images), training)
    line = evidence.once(_line, evidence.real_images, training)
    return {"copies": Estimate.share(int((ours < line).sum()), len(ours))}


def different(training: Images) -> Tensor:
    """(m, h, w): the training images as ``small_greys``, each of those that are exactly alike once.

    Raises: InputError: when fewer than five are left.
    Check: equals the small greys where no two are alike.
    """
    small = small_greys(training)
    first: dict[bytes, int] = {}
    for row, image in enumerate(small.numpy()):
        first.setdefault(blake2b(image.tobytes(), digest_size=16).digest(), row)
    if len(first) < NEIGHBOUR:
        raise InputError(f"{len(first)} different training images are too few; it needs at least {NEIGHBOUR}")
    return small if len(first) == len(small) else small[list(first.values())]


def _line(real: Images, training: Tensor) -> Tensor:
    """() the closeness below which an image is counted."""
    some = np.linspace(0, len(real) - 1, min(CALIBRATING, len(real))).round().astype(int)
    return closeness(small_greys(real[some]), training).quantile(HEALTHY)


def closeness(images: Tensor, training: Tensor) -> Tensor:
    """(n,) float64 distance of each image to the nearest training image over that to the 5th nearest.

    Args:
        images: (n, h, w), as ``small_greys``.
        training: (m, h, w), m >= 5.
    Check: 0 for a copy, 1 where the five nearest are as far; equals NumPy's distances of all crops.
    """
    found = torch.full((len(images), NEIGHBOUR), torch.inf)
    for start in range(0, len(training), AT_ONCE):
        others = cropped(training[start : start + AT_ONCE], (1, 1))
        others = torch.cat([others, others.square().sum(1, keepdim=True), torch.ones(len(others), 1)], 1)
        for at in range(0, len(images), QUERIES):
            rows = slice(at, at + QUERIES)
            distances = shifted_distances(images[rows], others)
            found[rows] = torch.cat([found[rows], distances], 1).topk(NEIGHBOUR, 1, largest=False).values
    return (found[:, 0] / found[:, -1].clamp(min=1e-12)).double().sqrt()


def small_greys(images: Images) -> Tensor:
    """(n, H, W, C) uint8 -> (n, h, w) float32 in -0.5..0.5, h and w at most 32, by averaging; read in blocks."""
    size = min(images.shape[1], LARGEST), min(images.shape[2], LARGEST)
    levels = (torch.from_numpy(greys(part)).float().div_(255).sub_(0.5) for part in parts(images))
    return torch.cat([adaptive_avg_pool2d(part, size) for part in levels])


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
