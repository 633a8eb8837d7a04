"""Usefulness: how well a small classifier that learned from generated images names real ones."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d, cross_entropy, max_pool2d

from gansmith.core import randomness
from gansmith.core.images import to_float
from gansmith.metrics._images import colours
from gansmith.metrics.evidence import Evidence
from gansmith.metrics.interval import Estimate
from gansmith.metrics.metric import Metric

STEPS = 400
BATCH = 64
RATE = 3e-3
WIDTHS = (16, 32, 64)
LARGEST = 32
FEWEST = 10
AT_ONCE = 500

Weights = list[Tensor]


def compute(evidence: Evidence) -> dict[str, Estimate]:
    """The share of held-out real images that a small classifier names rightly, in [0, 1].

    ``usefulness`` after learning from the generated images alone, ``usefulness-real`` from as many
    training images, ``usefulness-both`` from the two together; from the same first weights, with the same
    number of steps and images a step. Larger images are first made 32 px.

    Wilson's intervals, for other real images and this one classifier: what another sample or another seed
    of the classifier would change is not in them.

    Check: classes that a colour tells are named rightly; labels without meaning give one over the classes.
    Source: Ravuri and Vinyals 2019, arXiv:1905.10887 (classification accuracy score).
    """
    assert evidence.generated_images is not None and evidence.training_images is not None
    assert evidence.generated_labels is not None and evidence.training_labels is not None
    rows = _as_many(len(evidence.training_images), len(evidence.generated_images), evidence.seed)
    ours = small(evidence.generated_images), torch.as_tensor(evidence.generated_labels).long()
    theirs = small(evidence.training_images[rows]), torch.as_tensor(evidence.training_labels[rows]).long()
    both = torch.cat([ours[0], theirs[0]]), torch.cat([ours[1], theirs[1]])
    tested, labels = small(evidence.real_images), torch.as_tensor(evidence.real_labels)
    classes = 1 + max(int(some.max()) for some in (ours[1], theirs[1], labels))
    found = {}
    for name, (images, known) in {"usefulness": ours, "usefulness-real": theirs, "usefulness-both": both}.items():
        weights = learned(images, known, classes, evidence.seed)
        found[name] = Estimate.share(int((named(weights, tested) == labels).sum()), len(labels))
    return found


def _as_many(rows: int, wanted: int, seed: int) -> np.ndarray:
    order = torch.randperm(rows, generator=randomness.generator(seed, "usefulness-rows"))
    return np.sort(order[:wanted].numpy())


def small(images: np.ndarray | None) -> Tensor:
    """(n, H, W, C) uint8 -> (n, 1 or 3, h, w) in [-1, 1], h and w at most 32, by averaging."""
    assert images is not None
    size = min(images.shape[1], LARGEST), min(images.shape[2], LARGEST)
    parts = (colours(np.asarray(images[start : start + AT_ONCE])) for start in range(0, len(images), AT_ONCE))
    return torch.cat([adaptive_avg_pool2d(to_float(torch.from_numpy(part)), size) for part in parts])


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
    assert evidence.training_labels is not None and evidence.real_labels is not None
    labels, counts = np.unique(evidence.training_labels, return_counts=True)
    if len(labels) < 2:
        return "there is one class, and nothing to tell apart"
    if counts.min() < FEWEST:
        least = evidence.class_name(labels[counts.argmin()])
        return f"class {least} has {counts.min()} training image(s); it needs at least {FEWEST} of each class"
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
