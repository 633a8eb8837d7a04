"""Usefulness: how well a small classifier that learned from generated images names real ones."""

import math
from collections.abc import Sequence
from statistics import stdev

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d, cross_entropy, max_pool2d

from gansmith.core import randomness
from gansmith.core.images import to_float
from gansmith.metrics._images import colours, parts
from gansmith.metrics.evidence import Evidence, Images
from gansmith.metrics.interval import Estimate, normal_reach
from gansmith.metrics.metric import Metric

STEPS = 400
BATCH = 64
RATE = 3e-3
WIDTHS = (16, 32, 64)
LARGEST = 32
FEWEST = 10
SEEDS = (0, 1, 2)
SETS = ("generated", "training", "real")
AT_ONCE = 500

Weights = list[Tensor]
Known = tuple[Tensor, Tensor]


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """The share of held-out real images that a small classifier names rightly, in [0, 1].

    ``usefulness`` after learning from the generated images alone, ``usefulness-real`` from training
    images, ``usefulness-both`` from the two together: as many of either set, drawn where one is larger;
    from the same first weights, with the same number of steps and images a step. Larger images are first
    made 32 px, and classes with fewer than ten training images are left out.

    Each is the mean of three classifiers with fixed seeds, so that all that are compared have the same
    ones. The interval is Wilson's, for other real images, and the deviation between the three beside it;
    what another sample would change is not in it.

    Check: classes that a colour tells are named rightly; labels without meaning give one over the classes.
    Source: Ravuri and Vinyals 2019, arXiv:1905.10887 (classification accuracy score).
    """
    kept = _kept(evidence)
    ours, theirs, tested = (_known(evidence, which, kept) for which in SETS)
    fewest = min(len(ours[1]), len(theirs[1]))
    ours, theirs = _so_many(ours, fewest), _so_many(theirs, fewest)
    both = torch.cat([ours[0], theirs[0]]), torch.cat([ours[1], theirs[1]])
    lessons = {"usefulness": ours, "usefulness-real": theirs, "usefulness-both": both}
    return {name: _taught(known, tested, int(kept.max()) + 1) for name, known in lessons.items()}


def _taught(known: Known, tested: Known, classes: int) -> Estimate:
    """The mean share of three classifiers, and an interval."""
    images, labels = tested
    hits = [int((named(learned(*known, classes, seed), images) == labels).sum()) for seed in SEEDS]
    return _of_several(hits, len(labels))


def _of_several(hits: Sequence[int], of: int) -> Estimate:
    """The mean of several shares of the same rows.

    Their deviation is not divided by the root of their number: three say little of it.

    Check: equal hits give Wilson's interval.
    """
    mean = Estimate.share(round(sum(hits) / len(hits)), of)
    value, spread = sum(hits) / len(hits) / of, stdev(hits) / of
    low = value - math.hypot(mean.value - mean.low, normal_reach() * spread)
    high = value + math.hypot(mean.high - mean.value, normal_reach() * spread)
    return Estimate(value, math.hypot(mean.error, spread), max(0.0, low), min(1.0, high))


def _kept(evidence: Evidence) -> np.ndarray:
    """The labels that at least ten training images have."""
    labels, counts = np.unique(np.asarray(evidence.training_labels), return_counts=True)
    return labels[counts >= FEWEST]


def _known(evidence: Evidence, which: str, kept: np.ndarray) -> Known:
    """(n, C, h, w) images and (n,) labels of the kept classes."""
    labels = np.asarray(getattr(evidence, f"{which}_labels"))
    rows = np.isin(labels, kept)
    images = small(getattr(evidence, f"{which}_images"))
    return images[torch.from_numpy(rows)], torch.from_numpy(labels[rows]).long()


def _so_many(known: Known, wanted: int) -> Known:
    images, labels = known
    order = torch.randperm(len(labels), generator=randomness.generator(SEEDS[0], "usefulness-rows"))
    rows = order[:wanted].sort().values
    return images[rows], labels[rows]


def small(images: Images) -> Tensor:
    """(n, H, W, C) uint8 -> (n, 1 or 3, h, w) in [-1, 1], h and w at most 32, by averaging."""
    size = min(images.shape[1], LARGEST), min(images.shape[2], LARGEST)
    blocks = (to_float(torch.from_numpy(colours(part))) for part in parts(images))
    return torch.cat([adaptive_avg_pool2d(block, size) for block in blocks])


def first_weights(channels: int, classes: int, seed: int) -> Weights:
    """Three 3x3 convolutions and a linear layer, drawn after He et al. 2015; biases zero."""
    shapes: list[tuple[int, ...]] = [(after, before, 3, 3) for before, after in zip((channels, *WIDTHS), WIDTHS)]
    shapes.append((classes, 16 * WIDTHS[-1]))
    weights: Weights = []
    for layer, shape in enumerate(shapes):
        drawn = randomness.normal(shape, seed, "usefulness-weights", layer)
        weights += [drawn * math.sqrt(2 / math.prod(shape[1:])), torch.zeros(shape[0])]
    return weights


def logits(weights: Weights, x: Tensor) -> Tensor:
    """(n, channels, h, w) -> (n, classes): each convolution with ReLU, halved where there is room, 4x4 at the end."""
    for weight, bias in zip(weights[:-2:2], weights[1:-2:2]):
        x = conv2d(x, weight, bias, padding=1).relu()
        x = max_pool2d(x, 2) if min(x.shape[2:]) >= 8 else x
    return adaptive_avg_pool2d(x, 4).flatten(1) @ weights[-2].T + weights[-1]


@torch.inference_mode(False)
def learned(images: Tensor, labels: Tensor, classes: int, seed: int) -> Weights:
    """The weights after 400 steps of Adam on 64 images each, the rate falling to zero along a cosine."""
    weights = [weight.requires_grad_() for weight in first_weights(images.shape[1], classes, seed)]
    adam = torch.optim.Adam(weights, RATE)
    with torch.enable_grad():
        for step in range(STEPS):
            adam.param_groups[0]["lr"] = RATE * (1 + math.cos(math.pi * step / STEPS)) / 2
            rows = randomness.integers(len(images), BATCH, seed, "usefulness-batch", step)
            loss = cross_entropy(logits(weights, images[rows]), labels[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
    return [weight.detach() for weight in weights]


@torch.no_grad()
def named(weights: Weights, images: Tensor) -> Tensor:
    """(n,) the likeliest class of each image."""
    return torch.cat([logits(weights, part).argmax(1) for part in images.split(AT_ONCE)])


def _refuses(evidence: Evidence) -> str | None:
    kept = _kept(evidence)
    if len(kept) < 2:
        return f"{len(kept)} class(es) have {FEWEST} training images; it needs two to tell apart"
    for which in ("generated", "real"):
        if (found := int(np.isin(getattr(evidence, f"{which}_labels"), kept).sum())) < FEWEST:
            return f"{found} {which} image(s) of classes with {FEWEST} training images are too few"
    return None


usefulness = Metric(
    compute=compute,
    reads=(
        *("generated_images", "training_images", "real_images"),
        *("generated_labels", "training_labels", "real_labels"),
    ),
    better={"usefulness": "higher", "usefulness-real": "real", "usefulness-both": "higher"},
    fewest=FEWEST,
    refuses=_refuses,
)
