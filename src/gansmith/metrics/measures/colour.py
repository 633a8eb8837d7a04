"""Colour distance: how many levels of 0..255 the colours must be moved to be spread as in real images."""

import numpy as np
import torch

from gansmith.metrics._images import colours, parts
from gansmith.metrics.evidence import Evidence, Images
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric

LEVELS = 256


def compute(evidence: Evidence) -> dict[str, Estimate]:
    r"""``colour``, in levels, 0 to 255: Wasserstein's distance of the channels' histograms, their mean.

    .. math:: W_1 = \sum_{v=0}^{254} |F(v) - G(v)|

    with F and G the shares of pixels up to level v. The interval has the delete-one jackknife, over
    images.

    Check: images that are all c levels brighter give c; equals scipy's distance of the pooled pixels.
    Source: Vallender 1974, Theory Probab. Appl. 18 (the formula).
    """
    assert evidence.generated_images is not None and evidence.real_images is not None
    ours, real = shares_up_to(evidence.generated_images), evidence.once(_mean_shares, evidence.real_images)
    mean = ours.mean(0)
    value = np.abs(mean - real).sum(1).mean()
    without = [np.abs(mean + (mean - own) / (len(ours) - 1) - real).sum(1).mean() for own in ours]
    return {"colour": Estimate.jackknife(float(value), torch.tensor(without), lowest=0.0, highest=LEVELS - 1)}


def _mean_shares(images: Images) -> np.ndarray:
    return shares_up_to(images).mean(0)


def shares_up_to(images: Images) -> np.ndarray:
    """(n, channels, 256) float32: the share of each image's pixels up to each level; alpha on white."""
    found = []
    for part in parts(images):
        channels = np.moveaxis(colours(part), 3, 1).reshape(len(part), -1, part[0, ..., 0].size)
        rows, depth, pixels = channels.shape
        place = channels + LEVELS * np.arange(rows * depth).reshape(rows, depth, 1)
        counts = np.bincount(place.ravel(), minlength=rows * depth * LEVELS).reshape(rows, depth, LEVELS)
        found.append((counts.cumsum(2) / pixels).astype(np.float32))
    return np.concatenate(found)


colour = Metric(compute=compute, reads=("generated_images", "real_images"), better={"colour": "lower"})
